// Both ends of the pipe benchmark in one process and on one clock: a WebSocket server on a unix socket sends messages,
// a WebSocket server on TCP takes them; what is measured connects to both and carries them across (crelay.c, or the
// anchor). Prints one line of JSON.
//
//   cc -O2 -o pipe pipe.c -lcrypto
//   pipe UNIX_PATH PORT latency COUNT SIZE [GAP]    each message timed; GAP microseconds between two (default 0)
//   pipe UNIX_PATH PORT throughput COUNT SIZE       all messages as fast as they are taken
//
// SIZE is 1 to 65535 bytes. It waits for its peer to connect to the unix socket first, then to the port.
#include "websocket.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <time.h>

enum { BUFFER = 1 << 20, MASK = 4 };

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static int listen_on(int family, const void *address, socklen_t size) {
  int listener = socket(family, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, address, size) || listen(listener, 4)) fail("listen");
  return listener;
}

/// Takes a connection and answers its upgrade.
static int accept_upgrade(int listener) {
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

static void latency(int from, int to, int count, int size, const unsigned char *frame, int frame_size, int gap) {
  double *times = malloc((size_t)count * sizeof *times);
  static char buffer[BUFFER];
  for (int i = 0; i < count; i++) {
    double start = microseconds();
    write_all(from, frame, (size_t)frame_size);
    for (int taken = 0; taken < frame_size + MASK;) {
      ssize_t n = read(to, buffer, sizeof buffer);
      if (n <= 0) fail("read");
      taken += (int)n;
    }
    times[i] = microseconds() - start;
    if (gap) usleep((useconds_t)gap);
  }
  qsort(times, (size_t)count, sizeof *times, compare);
  printf("{\"size\":%d,\"count\":%d,\"p50\":%.1f,\"p99\":%.1f,\"min\":%.1f,\"max\":%.1f,\"unit\":\"us\"}\n", size, count,
         times[count / 2], times[(long)count * 99 / 100], times[0], times[count - 1]);
  free(times);
}

static void throughput(int from, int to, int count, int size, const unsigned char *frame, int frame_size) {
  int batch = 65536 / frame_size > 0 ? 65536 / frame_size : 1;
  count = (count + batch - 1) / batch * batch;
  long block = (long)batch * frame_size, out = (long)count * frame_size, in = (long)count * (frame_size + MASK);
  char *frames = malloc((size_t)block);
  static char buffer[BUFFER];
  for (int i = 0; i < batch; i++) memcpy(frames + (long)i * frame_size, frame, (size_t)frame_size);
  fcntl(from, F_SETFL, O_NONBLOCK);
  fcntl(to, F_SETFL, O_NONBLOCK);
  double start = microseconds();
  for (long sent = 0, taken = 0; taken < in;) {
    struct pollfd both[2] = {{from, sent < out ? POLLOUT : 0, 0}, {to, POLLIN, 0}};
    poll(both, 2, -1);
    if (both[0].revents & POLLOUT) {
      long at = sent % block;
      ssize_t n = write(from, frames + at, (size_t)(block - at));
      if (n > 0) sent += n;
    }
    if (both[1].revents) {
      ssize_t n = read(to, buffer, sizeof buffer);
      if (n == 0) fail("read");
      if (n > 0) taken += n;
    }
  }
  double seconds = (microseconds() - start) / 1e6;
  printf("{\"size\":%d,\"count\":%d,\"messages\":%.0f,\"megabytes\":%.1f,\"unit\":\"1/s\"}\n", size, count,
         count / seconds, (double)out / seconds / 1e6);
  free(frames);
}

int main(int argument_count, char **arguments) {
  if (argument_count < 6) {
    fprintf(stderr, "usage: pipe UNIX_PATH PORT latency|throughput COUNT SIZE [GAP]\n");
    return 64;
  }
  int count = atoi(arguments[4]), size = atoi(arguments[5]), gap = argument_count > 6 ? atoi(arguments[6]) : 0;
  struct sockaddr_un source = unix_address(arguments[1]);
  struct sockaddr_in sink = loopback_address(atoi(arguments[2]));
  unlink(arguments[1]);
  int unix_listener = listen_on(AF_UNIX, &source, sizeof source);
  int tcp_listener = listen_on(AF_INET, &sink, sizeof sink);
  int from = accept_upgrade(unix_listener), to = accept_upgrade(tcp_listener);
  send_at_once(to);
  // The peer is ready once its upgrade was answered, a moment later.
  usleep(200000);

  unsigned char *frame = calloc(1, (size_t)size + 4);
  int head = frame_head(frame, size);
  memset(frame + head, 'x', (size_t)size);
  if (arguments[3][0] == 'l') {
    latency(from, to, count, size, frame, head + size, gap);
  } else {
    throughput(from, to, count, size, frame, head + size);
  }
  unlink(arguments[1]);
  return 0;
}
