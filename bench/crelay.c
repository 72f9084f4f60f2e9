// The floor of anchor-pipe-p50: the least that carries messages from a WebSocket server on a unix socket to one on
// TCP. Blocking, one buffer, no TLS, a fixed mask, no session layer. The anchor's own share is compared with it.
//
//   cc -O2 -o crelay crelay.c
//   crelay UNIX_PATH PORT       (pipe.c is both servers)
#include "websocket.h"

#include <poll.h>
#include <sys/resource.h>

enum { BUFFER = 64 << 10 };

static void upgrade(int socket) {
  static const char request[] =
      "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  char head[4096];
  write_all(socket, request, sizeof request - 1);
  read_head(socket, head, sizeof head);
}

/// Copies whole frames from `in` to `out`, masked; returns how much of `in` it took.
static int mask_frames(const unsigned char *in, int have, unsigned char *out, int *out_count) {
  static const unsigned char key[4] = {1, 2, 3, 4};
  int at = 0, count = 0;
  while (have - at >= 2) {
    int size = in[at + 1] & 127, head = 2;
    if (size == 126) {
      if (have - at < 4) break;
      size = in[at + 2] << 8 | in[at + 3];
      head = 4;
    }
    if (have - at < head + size) break;
    memcpy(out + count, in + at, (size_t)head);
    out[count + 1] |= 0x80;
    count += head;
    memcpy(out + count, key, 4);
    count += 4;
    for (int i = 0; i < size; i++) out[count + i] = in[at + head + i] ^ key[i & 3];
    count += size;
    at += head + size;
  }
  *out_count = count;
  return at;
}

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: crelay UNIX_PATH PORT\n");
    return 64;
  }
  int from = socket(AF_UNIX, SOCK_STREAM, 0), to = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_un source = unix_address(arguments[1]);
  struct sockaddr_in sink = loopback_address(atoi(arguments[2]));
  if (connect(from, (struct sockaddr *)&source, sizeof source)) fail(arguments[1]);
  upgrade(from);
  send_at_once(to);
  if (connect(to, (struct sockaddr *)&sink, sizeof sink)) fail(arguments[2]);
  upgrade(to);

  static unsigned char in[BUFFER], out[3 * BUFFER];
  int have = 0;
  for (;;) {
    struct pollfd both[2] = {{from, POLLIN, 0}, {to, POLLIN, 0}};
    poll(both, 2, -1);
    if (both[1].revents) break;
    ssize_t n = read(from, in + have, sizeof in - (size_t)have);
    if (n <= 0) break;
    have += (int)n;
    int ready = 0, taken = mask_frames(in, have, out, &ready);
    memmove(in, in + taken, (size_t)(have - taken));
    have -= taken;
    write_all(to, out, (size_t)ready);
  }
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  fprintf(stderr, "cpu %ld ms\n",
          (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
              (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000);
  return 0;
}
