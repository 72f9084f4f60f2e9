// What crelay.c and pipe.c share: sockets and the WebSocket handshake, as short as it can be. For the benchmarks
// only: nothing here checks what a peer says.
#ifndef BENCH_WEBSOCKET_H
#define BENCH_WEBSOCKET_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static inline void fail(const char *what) {
  perror(what);
  exit(1);
}

static inline struct sockaddr_un unix_address(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return address;
}

static inline struct sockaddr_in loopback_address(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static inline void send_at_once(int tcp) {
  int one = 1;
  setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static inline void write_all(int socket, const void *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t n = write(socket, (const char *)bytes + done, count - done);
    if (n <= 0) fail("write");
    done += (size_t)n;
  }
}

/// Reads a request's or an answer's head, byte by byte, so that no byte of a frame is taken.
static inline void read_head(int socket, char *head, size_t size) {
  for (size_t count = 0; count + 1 < size;) {
    if (read(socket, head + count, 1) != 1) fail("handshake");
    head[++count] = 0;
    if (count >= 4 && !memcmp(head + count - 4, "\r\n\r\n", 4)) return;
  }
  fail("head too long");
}

/// Bytes of a frame's head without a mask, for a payload below 64 KiB.
static inline int frame_head(unsigned char *head, int size) {
  head[0] = 0x81;
  if (size < 126) {
    head[1] = (unsigned char)size;
    return 2;
  }
  head[1] = 126;
  head[2] = (unsigned char)(size >> 8);
  head[3] = (unsigned char)size;
  return 4;
}

#endif
