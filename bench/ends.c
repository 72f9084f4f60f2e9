// Both ends of the anchor in one process and on one clock, for anchor-pipe-p50: an app-server on a unix socket that
// sends notifications, and a relay on TCP with one page, which gets them through the session layer. The same as pipe.c
// does for crelay.c, but with all that the anchor asks of its neighbours.
//
//   cc -O2 -o ends ends.c -lcrypto
//   ends UNIX_PATH PORT COUNT SIZE [GAP]    GAP microseconds between two messages (default 0)
//
// The anchor runs as `codex-remote anchor --attach UNIX_PATH --relay http://codex-remote.localhost:PORT`. SIZE is the
// length of the notification, 200 to 60000 bytes. Prints one line of JSON.
#include "websocket.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <time.h>

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

static void read_all(int socket, void *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t n = read(socket, (char *)bytes + done, count - done);
    if (n <= 0) fail("read");
    done += (size_t)n;
  }
}

/// Sends one text message.
static void send_text(int socket, const char *text) {
  unsigned char head[4];
  size_t size = strlen(text);
  write_all(socket, head, (size_t)frame_head(head, (int)size));
  write_all(socket, text, size);
}

/// Reads one masked text message and ends it with a zero; returns its length.
static size_t read_text(int socket, char *text) {
  unsigned char head[4], key[4];
  read_all(socket, head, 2);
  size_t size = head[1] & 127;
  if (size == 126) {
    read_all(socket, head, 2);
    size = (size_t)head[0] << 8 | head[1];
  }
  read_all(socket, key, 4);
  read_all(socket, text, size);
  for (size_t i = 0; i < size; i++) text[i] ^= (char)key[i & 3];
  text[size] = 0;
  return size;
}

/// Answers the request that comes next.
static void answer(int socket, char *text, const char *result) {
  char line[512];
  read_text(socket, text);
  char *id = strstr(text, "\"id\":");
  snprintf(line, sizeof line, "{\"id\":%d,\"result\":%s}", id ? atoi(id + 5) : 0, result);
  send_text(socket, line);
}

/// The next frame from the anchor that is no ping.
static size_t read_frame(int socket, char *text) {
  for (;;) {
    size_t size = read_text(socket, text);
    if (size != 4 || memcmp(text, "ping", 4)) return size;
    send_text(socket, "pong");
  }
}

static const char session[] = "AAAAAAAAAAAAAAAAAAAAAA";

int main(int argument_count, char **arguments) {
  if (argument_count < 5) {
    fprintf(stderr, "usage: ends UNIX_PATH PORT COUNT SIZE [GAP]\n");
    return 64;
  }
  int count = atoi(arguments[3]), size = atoi(arguments[4]), gap = argument_count > 5 ? atoi(arguments[5]) : 0;
  struct sockaddr_un source = unix_address(arguments[1]);
  struct sockaddr_in sink = loopback_address(atoi(arguments[2]));
  unlink(arguments[1]);
  int unix_listener = listen_on(AF_UNIX, &source, sizeof source);
  int tcp_listener = listen_on(AF_INET, &sink, sizeof sink);
  static char text[1 << 17];
  int relay = accept_upgrade(tcp_listener), own = accept_upgrade(unix_listener);
  send_at_once(relay);
  answer(own, text, "{\"userAgent\":\"codex-remote/0.163.0\"}");
  read_text(own, text);  // initialized
  answer(own, text, "{\"data\":[]}");
  send_text(relay, "{\"type\":\"hello\",\"id\":\"m_1\",\"role\":\"anchor\",\"user\":null}\n");
  const char *data = "{\"type\":\"data\",\"from\":\"c_1\",\"role\":\"browser\",\"signin\":\"s_1\"}\n";
  char line[512];
  snprintf(line, sizeof line, "%s{\"type\":\"open\",\"session\":\"%s\",\"protocol\":1}", data, session);
  send_text(relay, line);
  int upstream = accept_upgrade(unix_listener);
  read_frame(relay, text);
  if (!strstr(text, "\"opened\"")) fail(text);

  // A delta: what most messages are, and what is looked at most.
  unsigned char *frame = calloc(1, (size_t)size + 4);
  int head = frame_head(frame, size);
  const char *begin = "{\"method\":\"item/agentMessage/delta\",\"params\":{\"threadId\":\"01a1fe4e-0fc2-7e71-bd0b-d35273c42cc4\""
                      ",\"turnId\":\"01a1fe4e-0fd2-78e1-b1ee-b5cf4a8e224a\",\"itemId\":\"m1\",\"delta\":\"";
  const char *end = "\"},\"emittedAtMs\":1795267891223}";
  memset(frame + head, 'x', (size_t)size);
  memcpy(frame + head, begin, strlen(begin));
  memcpy(frame + head + size - strlen(end), end, strlen(end));

  double *times = malloc((size_t)count * sizeof *times);
  for (int i = 0; i < count; i++) {
    double start = microseconds();
    write_all(upstream, frame, (size_t)(head + size));
    size_t got = read_frame(relay, text);
    times[i] = microseconds() - start;
    if (got < (size_t)size || memcmp(text + got - size, frame + head, (size_t)size)) fail(text);
    if (i % 32 == 31) {
      snprintf(line, sizeof line, "%s{\"type\":\"ack\",\"session\":\"%s\",\"ack\":%d,\"seq\":0}", data, session, i + 1);
      send_text(relay, line);
    }
    if (gap) usleep((useconds_t)gap);
  }
  qsort(times, (size_t)count, sizeof *times, compare);
  printf("{\"size\":%d,\"count\":%d,\"p50\":%.1f,\"p99\":%.1f,\"min\":%.1f,\"max\":%.1f,\"unit\":\"us\"}\n", size, count,
         times[count / 2], times[(long)count * 99 / 100], times[0], times[count - 1]);
  unlink(arguments[1]);
  return 0;
}
