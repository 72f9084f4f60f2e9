#pragma once
#include <zlib.h>

/// `deflateInit2` for a gzip stream; a macro, which Swift does not see.
static inline int codexremote_gzip_begin(z_streamp stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

/// `inflateInit2` for a gzip stream.
static inline int codexremote_gunzip_begin(z_streamp stream) { return inflateInit2(stream, 15 + 16); }
