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
#include <poll.h>

enum { BUFFER = 1 << 20, MASK = 4 };

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
  print_times(times, count, size);
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
