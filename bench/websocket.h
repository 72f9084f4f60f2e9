// What crelay.c, pipe.c and ends.c share: sockets, the WebSocket handshake and frames, a clock, as short as they can be.
// For the benchmarks only: nothing here checks what a peer says.
#ifndef BENCH_WEBSOCKET_H
#define BENCH_WEBSOCKET_H

#define _GNU_SOURCE  // strcasestr
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static inline void fail(const char *what) {
  perror(what);
  exit(1);
}

static inline double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static inline int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/// Prints the figures of `count` times, in microseconds, as one line of JSON.
static inline void print_times(double *times, int count, int size) {
  qsort(times, (size_t)count, sizeof *times, compare);
  printf("{\"size\":%d,\"count\":%d,\"p50\":%.1f,\"p99\":%.1f,\"min\":%.1f,\"max\":%.1f,\"unit\":\"us\"}\n", size, count,
         times[count / 2], times[(long)count * 99 / 100], times[0], times[count - 1]);
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

static inline int listen_on(int family, const void *address, socklen_t size) {
  int listener = socket(family, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, address, size) || listen(listener, 4)) fail("listen");
  return listener;
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

/// Takes a connection and answers its upgrade.
static inline int accept_upgrade(int listener) {
  int peer = accept(listener, NULL, NULL);
  if (peer < 0) fail("accept");
  char head[8192], joined[128], answer[512];
  read_head(peer, head, sizeof head);
  char *key = strcasestr(head, "\r\nSec-WebSocket-Key: ");
  if (!key) fail("no Sec-WebSocket-Key");
  key += strlen("\r\nSec-WebSocket-Key: ");
  snprintf(joined, sizeof joined, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)strcspn(key, "\r"), key);
  unsigned char hash[SHA_DIGEST_LENGTH], accepted[64];
  SHA1((unsigned char *)joined, strlen(joined), hash);
  EVP_EncodeBlock(accepted, hash, sizeof hash);
  int size = snprintf(answer, sizeof answer,
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: %s\r\n\r\n", accepted);
  write_all(peer, answer, (size_t)size);
  return peer;
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

/// A socket with what was read from it and not yet taken.
struct input {
  int socket;
  size_t from, to;
  unsigned char bytes[1 << 18];
};

/// A masked text message as it lies in its input.
struct message {
  unsigned char *bytes;
  size_t size;
  unsigned char key[4];
};

/// Takes the next message, still masked, reading as much as there is at once; it lasts until the next call.
static inline struct message take_message(struct input *input) {
  for (;;) {
    unsigned char *at = input->bytes + input->from;
    size_t have = input->to - input->from, head = have >= 2 && (at[1] & 127) == 126 ? 4 : 2;
    if (have >= head + 4) {
      size_t size = head == 4 ? (size_t)at[2] << 8 | at[3] : at[1] & 127u;
      if (have >= head + 4 + size) {
        struct message message = {at + head + 4, size, {0}};
        memcpy(message.key, at + head, 4);
        input->from += head + 4 + size;
        return message;
      }
    }
    if (input->from) {
      memmove(input->bytes, at, have);
      input->from = 0;
      input->to = have;
    }
    ssize_t n = read(input->socket, input->bytes + have, sizeof input->bytes - have);
    if (n <= 0) fail("read");
    input->to += (size_t)n;
  }
}

static inline void unmask(struct message message) {
  for (size_t i = 0; i < message.size; i++) message.bytes[i] ^= message.key[i & 3];
}

#endif
