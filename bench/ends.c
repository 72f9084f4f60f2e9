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

/// Sends one text message.
static void send_text(int socket, const char *text) {
  unsigned char head[4];
  size_t size = strlen(text);
  write_all(socket, head, (size_t)frame_head(head, (int)size));
  write_all(socket, text, size);
}

/// Takes the next message as a string.
static char *take_text(struct input *input) {
  static char text[1 << 17];
  struct message message = take_message(input);
  unmask(message);
  memcpy(text, message.bytes, message.size);
  text[message.size] = 0;
  return text;
}

/// Answers the request that comes next.
static void answer(struct input *input, const char *result) {
  char line[512];
  char *id = strstr(take_text(input), "\"id\":");
  snprintf(line, sizeof line, "{\"id\":%d,\"result\":%s}", id ? atoi(id + 5) : 0, result);
  send_text(input->socket, line);
}

/// Whether it is a ping of the anchor's: nothing else is as short.
static int is_ping(struct message message) { return message.size == 4; }

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
  static struct input relay, own;
  relay.socket = accept_upgrade(tcp_listener);
  own.socket = accept_upgrade(unix_listener);
  send_at_once(relay.socket);
  answer(&own, "{\"userAgent\":\"codex-remote/0.163.0\"}");
  take_text(&own);  // initialized
  answer(&own, "{\"data\":[]}");
  send_text(relay.socket, "{\"type\":\"hello\",\"id\":\"m_1\",\"role\":\"anchor\",\"user\":null}\n");
  const char *data = "{\"type\":\"data\",\"from\":\"c_1\",\"role\":\"browser\",\"signin\":\"s_1\"}\n";
  char line[512];
  snprintf(line, sizeof line, "%s{\"type\":\"open\",\"session\":\"%s\",\"protocol\":1}", data, session);
  send_text(relay.socket, line);
  int upstream = accept_upgrade(unix_listener);
  char *said;
  while (said = take_text(&relay), !strcmp(said, "ping")) send_text(relay.socket, "pong");
  if (!strstr(said, "\"opened\"")) fail(said);

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
    int pings = 0;
    double start = microseconds();
    write_all(upstream, frame, (size_t)(head + size));
    struct message got = take_message(&relay);
    for (; is_ping(got); pings++) got = take_message(&relay);
    times[i] = microseconds() - start;
    unmask(got);
    if (got.size < (size_t)size || memcmp(got.bytes + got.size - size, frame + head, (size_t)size)) fail("another text");
    while (pings--) send_text(relay.socket, "pong");
    if (i % 32 == 31) {
      snprintf(line, sizeof line, "%s{\"type\":\"ack\",\"session\":\"%s\",\"ack\":%d,\"seq\":0}", data, session, i + 1);
      send_text(relay.socket, line);
    }
    if (gap) usleep((useconds_t)gap);
  }
  print_times(times, count, size);
  unlink(arguments[1]);
  return 0;
}
