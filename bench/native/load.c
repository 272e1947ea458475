/* A load generator that reads many streams at once and checks every byte of them.
 *
 * `load --port P --protocol openai|jobs|post --model bench-50x200 [--streams N] [--rounds N]
 *  [--ramp SECONDS] [--gap SECONDS] [--timeout SECONDS] [--path PATH] [--token TOKEN] [--ids FILE]`
 * prints one JSON object. Each stream has a connection of its own and asks again on it when an answer
 * has ended, `rounds` times; the first questions are spread over `ramp`.
 *   openai  POST PATH with stream: true
 *   jobs    POST /chat, then GET /stream/{job_id}
 *   post    POST /chat only; the ids go to a file */
#include "reply.h"
#include <getopt.h>
#include <math.h>

enum protocol { OPENAI, JOBS, POST };

static struct {
  const char *host, *path, *token, *model, *ids;
  int port;
  enum protocol protocol;
  unsigned streams, rounds;
  double ramp, gap, timeout;
} options = {.host = "127.0.0.1", .streams = 1, .rounds = 1, .timeout = 120};

/* Times in microseconds, exact enough: 256 steps for each power of two. */
enum { STEPS = 256, POWERS = 40 };
struct times {
  uint64_t counts[POWERS * STEPS], count, most;
};

enum state { IDLE, CONNECTING, ASKED, FOLLOWING, FINISHED };

struct stream {
  int fd;
  enum state state;
  unsigned number, round;
  bool follows, delta, shown;
  uint64_t asked;
  char job[128];
  struct reply reply;
  struct bytes line, note;
  struct answer answer;
};

static int epoll;
static struct timers timers;
static unsigned tokens, left, connections;
static uint64_t now, started, last, total, errors;
static struct times first_times, token_times, post_times;
static char first_error[400];
static FILE *ids;

static void times_add(struct times *all, uint64_t us) {
  unsigned power = us < STEPS ? 0 : (unsigned)(63 - __builtin_clzll(us)) - 7;
  uint64_t place = power ? power * (STEPS / 2) + (us >> power) : us;
  all->counts[place < POWERS * STEPS ? place : POWERS * STEPS - 1]++;
  all->count++;
  if (us > all->most) all->most = us;
}

static double times_at(const struct times *all, double part) {
  uint64_t rank = (uint64_t)ceil(part * (double)all->count), seen = 0;
  for (unsigned i = 0; i < POWERS * STEPS && all->count; i++) {
    seen += all->counts[i];
    if (seen < rank || !all->counts[i]) continue;
    unsigned power = i < STEPS ? 0 : i / (STEPS / 2) - 1;
    return (double)(power ? (uint64_t)(i - power * (STEPS / 2)) << power : i) / 1000;
  }
  return 0;
}

static void times_print(const char *name, const struct times *all) {
  printf(", \"%s_p50_ms\": %.3f, \"%s_p99_ms\": %.3f, \"%s_max_ms\": %.3f", name,
         times_at(all, 0.5), name, times_at(all, 0.99), name, (double)all->most / 1000);
}

static void ask(struct stream *s);

static void hang_up(struct stream *s) {
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
}

static void next_round(struct stream *s) {
  s->state = IDLE;
  if (++s->round == options.rounds) {
    s->state = FINISHED;
    hang_up(s);
    left--;
    return;
  }
  timers_add(&timers, now + (uint64_t)(options.gap * 1e6), s);
}

static void give_up(struct stream *s, const char *why, const char *detail) {
  errors++;
  if (!*first_error)
    snprintf(first_error, sizeof first_error, "stream %u, token %u of %u: %s %.200s", s->number,
             s->answer.next, tokens, why, detail ? detail : "");
  hang_up(s);
  next_round(s);
}

static void start_connecting(struct stream *s) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  inet_pton(AF_INET, options.host, &address.sin_addr);
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (s->fd < 0) fail("socket");
  set_no_delay(s->fd);
  connections++;
  s->state = CONNECTING;
  if (connect(s->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
    fail("connect");
  watch(epoll, EPOLL_CTL_ADD, s->fd, EPOLLOUT, s);
}

static bool transmit(struct stream *s, const char *text, int length) {
  reply_reset(&s->reply);
  s->note.count = s->line.count = 0;
  return send(s->fd, text, (size_t)length, 0) == length;
}

static bool send_question(struct stream *s) {
  char body[600], text[1400];
  int size = snprintf(body, sizeof body,
                      "{\"model\":\"%s\",%s\"messages\":[{\"role\":\"user\","
                      "\"content\":\"Please count. stream:%u\"}]}",
                      options.model, options.protocol == OPENAI ? "\"stream\":true," : "",
                      s->number);
  int length = snprintf(
      text, sizeof text,
      "POST %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Type: application/json\r\nAccept: */*\r\n"
      "%s%s%sContent-Length: %d\r\n\r\n%s",
      options.path, options.host, options.port, options.token ? "Authorization: Bearer " : "",
      options.token ? options.token : "", options.token ? "\r\n" : "", size, body);
  s->asked = now_us();
  return transmit(s, text, length);
}

static bool send_follow(struct stream *s) {
  char text[512];
  int length = snprintf(text, sizeof text,
                        "GET /stream/%s HTTP/1.1\r\nHost: %s:%d\r\nAccept: text/event-stream\r\n\r\n",
                        s->job, options.host, options.port);
  return transmit(s, text, length);
}

/* Sends the question, or the request for its answer, on a connection that is open. */
static void ask(struct stream *s) {
  if (s->fd < 0) {
    start_connecting(s);
    return;
  }
  s->state = s->follows ? FOLLOWING : ASKED;
  s->answer = s->follows ? s->answer : (struct answer){.stream = s->number & 4095};
  s->shown = s->delta = false;
  if (!(s->follows ? send_follow(s) : send_question(s)))
    give_up(s, "cannot send", strerror(errno));
}

static void on_token(void *owner, uint64_t took) {
  struct stream *s = owner;
  times_add(&token_times, took);
  /* The first round has the load build up; what counts is a full house, if there is one. */
  if (s->answer.next == 1 && (options.rounds == 1 || s->round))
    times_add(&first_times, now - s->asked);
  total++;
  last = now;
}

/* One line of the event stream. False, with `note` filled, when it is wrong. */
static bool on_line(struct stream *s, const char *line, size_t size) {
  if (size && line[size - 1] == '\r') size--;
  if (size > 6 && !memcmp(line, "event:", 6)) {
    s->delta = memmem(line, size, "delta", 5) != NULL;
    if (!memmem(line, size, "error", 5)) return true;
    bytes_add(&s->note, line, size);
    return true;
  }
  if (size < 5 || memcmp(line, "data:", 5)) return true;
  if (s->note.count) { /* what the error is */
    bytes_add(&s->note, line, size);
    return false;
  }
  if (options.protocol == JOBS && !s->delta) return true;
  size_t length;
  const char *key = options.protocol == JOBS ? "\"text\"" : "\"content\"";
  const char *text = json_text(line, size, key, &length);
  if (!text || answer_check(&s->answer, text, length, now, on_token, s)) return true;
  bytes_add(&s->note, line, size);
  return false;
}

static bool on_events(struct stream *s, const char *data, size_t count) {
  const char *end = data + count, *stop;
  while ((stop = memchr(data, '\n', (size_t)(end - data)))) {
    bool right;
    if (s->line.count) {
      bytes_add(&s->line, data, (size_t)(stop - data));
      right = on_line(s, s->line.data, s->line.count);
      s->line.count = 0;
    } else {
      right = on_line(s, data, (size_t)(stop - data));
    }
    if (!right) return false;
    data = stop + 1;
  }
  if (data < end) bytes_add(&s->line, data, (size_t)(end - data));
  return true;
}

static void on_submitted(struct stream *s) {
  size_t length;
  const char *id = json_text(s->note.data, s->note.count, "\"job_id\"", &length);
  if (!id || length >= sizeof s->job) {
    give_up(s, "no job_id in", s->note.data);
    return;
  }
  memcpy(s->job, id, length);
  s->job[length] = 0;
  times_add(&post_times, now - s->asked);
  if (ids) fprintf(ids, "%s\n", s->job);
  if (!s->reply.keep) hang_up(s);
  if (options.protocol == POST) {
    total++;
    last = now;
    next_round(s);
    return;
  }
  s->follows = true;
  ask(s);
}

/* The response has ended as it should. */
static void on_end(struct stream *s) {
  if (s->reply.status / 100 != 2) {
    char text[16];
    snprintf(text, sizeof text, "status %d", s->reply.status);
    s->follows = false;
    give_up(s, text, s->note.count ? s->note.data : NULL);
  } else if (s->state == ASKED && options.protocol != OPENAI) {
    on_submitted(s);
  } else {
    s->follows = false;
    if (s->answer.next != tokens || s->answer.halved) {
      give_up(s, "the answer ended too early", s->line.count ? s->line.data : NULL);
      return;
    }
    if (!s->reply.keep) hang_up(s);
    next_round(s);
  }
}

static void on_bytes(struct stream *s, const char *data, size_t count) {
  const char *end = data + count, *piece;
  size_t size;
  bool plain = s->state == ASKED && options.protocol != OPENAI;
  while ((size = reply_body(&s->reply, &data, end, &piece))) {
    if (plain || s->reply.status != 200) {
      bytes_add(&s->note, piece, size);
    } else if (!on_events(s, piece, size)) {
      s->follows = false;
      give_up(s, "wrong:", s->note.data);
      return;
    }
  }
  if (s->reply.part == OVER) on_end(s);
}

static void on_close(struct stream *s) {
  hang_up(s);
  if (s->state == IDLE || s->state == FINISHED) return; /* it waits, and connects anew */
  if (s->reply.part == UNTIL_CLOSE) {
    on_end(s);
    return;
  }
  s->follows = false;
  give_up(s, "the connection was lost", NULL);
}

static void on_ready(struct stream *s) {
  static char data[256 * 1024];
  if (s->state == CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
      give_up(s, "cannot connect:", strerror(error));
      return;
    }
    watch(epoll, EPOLL_CTL_MOD, s->fd, EPOLLIN, s);
    ask(s);
    return;
  }
  ssize_t count = recv(s->fd, data, sizeof data, 0);
  if (count < 0 && errno == EAGAIN) return;
  now = now_us();
  if (count <= 0)
    on_close(s);
  else
    on_bytes(s, data, (size_t)count);
}

static void run(struct stream *all) {
  struct epoll_event events[256];
  started = last = now = now_us();
  left = options.streams;
  uint64_t deadline = started + (uint64_t)(options.timeout * 1e6);
  for (unsigned i = 0; i < options.streams; i++) {
    all[i] = (struct stream){.fd = -1, .number = i};
    timers_add(&timers, started + (uint64_t)(options.ramp * 1e6 * i / options.streams), &all[i]);
  }
  while (left && now < deadline) {
    uint64_t moment = timers_first(&timers) < deadline ? timers_first(&timers) : deadline;
    int ready = wait_until(epoll, events, 256, moment);
    for (int i = 0; i < ready; i++) on_ready(events[i].data.ptr);
    now = now_us();
    while (timers_first(&timers) <= now) ask(timers_take(&timers));
  }
  for (unsigned i = 0; i < options.streams; i++)
    while (all[i].state != FINISHED) give_up(&all[i], "not finished in time", NULL);
}

static void print_json_text(const char *text) {
  putchar('"');
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      printf("\\%c", c);
    else if (c < ' ' || c > '~')
      putchar('?');
    else
      putchar(c);
  }
  putchar('"');
}

static void report(void) {
  double seconds = (double)(last - started) / 1e6;
  printf("{\"streams\": %u, \"rounds\": %u, \"errors\": %lu, \"connections\": %u, \"tokens\": %lu, "
         "\"seconds\": %.4f, \"tokens_per_second\": %.1f",
         options.streams, options.rounds, errors, connections, total, seconds,
         seconds > 0 ? (double)total / seconds : 0);
  times_print("first", &first_times);
  times_print("added", &token_times);
  times_print("post", &post_times);
  printf(", \"first_error\": ");
  print_json_text(first_error);
  printf("}\n");
}

static enum protocol protocol_of(const char *name) {
  if (!strcmp(name, "jobs")) return JOBS;
  if (!strcmp(name, "post")) return POST;
  if (!strcmp(name, "openai")) return OPENAI;
  fprintf(stderr, "the protocol is openai, jobs or post\n");
  exit(64);
}

static void read_options(int count, char **arguments) {
  static const struct option known[] = {
      {"port", 1, 0, 'p'},    {"protocol", 1, 0, 'o'}, {"model", 1, 0, 'm'}, {"streams", 1, 0, 's'},
      {"rounds", 1, 0, 'r'},  {"ramp", 1, 0, 'a'},     {"gap", 1, 0, 'g'},   {"timeout", 1, 0, 't'},
      {"path", 1, 0, 'h'},    {"token", 1, 0, 'k'},    {"ids", 1, 0, 'i'},   {0, 0, 0, 0}};
  int option;
  while ((option = getopt_long(count, arguments, "", known, NULL)) >= 0) {
    if (option == 'p') options.port = atoi(optarg);
    else if (option == 'o') options.protocol = protocol_of(optarg);
    else if (option == 'm') options.model = optarg;
    else if (option == 's') options.streams = (unsigned)atoi(optarg);
    else if (option == 'r') options.rounds = (unsigned)atoi(optarg);
    else if (option == 'a') options.ramp = atof(optarg);
    else if (option == 'g') options.gap = atof(optarg);
    else if (option == 't') options.timeout = atof(optarg);
    else if (option == 'h') options.path = optarg;
    else if (option == 'k') options.token = optarg;
    else if (option == 'i') options.ids = optarg;
    else exit(64);
  }
  if (!options.path) options.path = options.protocol == OPENAI ? "/v1/chat/completions" : "/chat";
  unsigned rate;
  if (!options.port || !options.model || !parse_model(options.model, &rate, &tokens)) {
    fprintf(stderr, "load needs --port and --model bench-RATExTOKENS\n");
    exit(64);
  }
}

int main(int count, char **arguments) {
  raise_file_limit();
  read_options(count, arguments);
  if (options.ids && !(ids = fopen(options.ids, "w"))) fail(options.ids);
  epoll = epoll_create1(0);
  struct stream *all = calloc(options.streams, sizeof *all);
  if (!all) fail("calloc");
  run(all);
  if (ids) fclose(ids);
  report();
  return errors != 0;
}
