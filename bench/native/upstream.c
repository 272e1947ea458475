/* A mock of an OpenAI endpoint that costs next to nothing: `upstream [PORT]` prints its port. It
 * lists the models of the scenarios that clients run which know no others.
 *
 * POST /v1/chat/completions streams what the model's name asks for (common.h): `bench-50x200` sends
 * 200 tokens at 50 a second, each with a write of its own; `bench-0x200` sends them as fast as the
 * socket takes them. The stream's number comes from the words `stream:NN` in the question. */
#include "common.h"

enum { REQUEST = 64 * 1024, EVENT = 512, PIECES = 300 };

struct connection {
  int fd;
  bool streaming, timed, closed, usage;
  char *request;
  size_t got, room;
  uint64_t interval; /* microseconds between two tokens; 0: none */
  unsigned next, tokens;
  uint64_t due;
  char stream[STREAM];
  char *out; /* up to PIECES events, each a chunk, all but their tokens written once */
  size_t event, token_at, pieces, sent, ready;
};

static int epoll;
static struct timers timers;

static const char LIST[] = "{\"object\":\"list\",\"data\":["
#define MODEL(name) "{\"id\":\"" name "\",\"object\":\"model\",\"owned_by\":\"bench\"}"
    MODEL("bench-50x200") "," MODEL("bench-50x2") "," MODEL("bench-0x400") "]}";

static const char HEADERS[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";

static void release(struct connection *c) {
  if (c->fd >= 0) close(c->fd);
  c->fd = -1;
  c->closed = true;
  if (c->timed) return; /* the timer still points here, and frees it */
  free(c->request);
  free(c->out);
  free(c);
}

/* Sends what is ready. False if the connection is lost. */
static bool flush(struct connection *c) {
  while (c->sent < c->ready) {
    ssize_t count = send(c->fd, c->out + c->sent, c->ready - c->sent, 0);
    if (count < 0 && errno == EAGAIN) return true;
    if (count < 0) return false;
    c->sent += (size_t)count;
  }
  c->sent = c->ready = 0;
  return true;
}

static void arm(struct connection *c) {
  bool writes = c->ready || (c->streaming && !c->interval);
  watch(epoll, EPOLL_CTL_MOD, c->fd, writes ? EPOLLIN | EPOLLOUT : EPOLLIN, c);
}

static int render(char *at, const char *model, const char *delta, const char *end) {
  return sprintf(at,
                 "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
                 "\"created\":1750000000,\"model\":\"%s\",\"choices\":[{\"index\":0,\"delta\":{%s},"
                 "\"logprobs\":null,\"finish_reason\":%s}]}\n\n",
                 model, delta, end);
}

static size_t add_chunk(char *at, const char *data, int length) {
  return (size_t)sprintf(at, "%x\r\n%.*s\r\n", (unsigned)length, length, data);
}

/* The last chunks: the finish reason, the usage if it was asked for, and the end. */
static void finish(struct connection *c) {
  char text[EVENT];
  int length = render(text, "bench", "", "\"stop\"");
  c->ready += add_chunk(c->out + c->ready, text, length);
  if (c->usage) {
    length = sprintf(text,
                     "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
                     "\"created\":1750000000,\"model\":\"bench\",\"choices\":[],\"usage\":{"
                     "\"prompt_tokens\":1,\"completion_tokens\":%u,\"total_tokens\":%u}}\n\n",
                     c->tokens, c->tokens + 1);
    c->ready += add_chunk(c->out + c->ready, text, length);
  }
  c->ready += add_chunk(c->out + c->ready, "data: [DONE]\n\n", 14);
  c->ready += (size_t)sprintf(c->out + c->ready, "0\r\n\r\n");
  c->streaming = false;
}

/* Makes the next tokens ready: one of a paced stream, else as many as fit. */
static void produce(struct connection *c) {
  size_t count = c->tokens - c->next < c->pieces ? c->tokens - c->next : c->pieces;
  uint64_t stamp = now_us() & STAMP_MASK;
  char *at = c->out + c->token_at;
  for (size_t i = 0; i < count; i++, at += c->event) {
    put_number(at, c->next++, PLACE);
    memcpy(at + PLACE, c->stream, STREAM);
    put_number(at + PLACE + STREAM, stamp, STAMP);
  }
  c->ready = count * c->event;
  if (c->next == c->tokens) finish(c);
}

/* Answers on the road that does not stream. */
static bool reply(struct connection *c, const char *status, const char *body) {
  char text[1024];
  int length = sprintf(text,
                       "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                       status, strlen(body), body);
  return send(c->fd, text, (size_t)length, 0) == length;
}

static void schedule(struct connection *c) {
  c->timed = true;
  timers_add(&timers, c->due, c);
}

static bool begin(struct connection *c, const char *model, unsigned rate, const char *body) {
  const char *tag = strstr(body, "stream:");
  put_number(c->stream, tag ? strtoull(tag + 7, NULL, 10) : 0, STREAM);
  c->usage = strstr(body, "include_usage") != NULL;
  c->interval = rate ? 1000000 / rate : 0;
  c->pieces = rate ? 1 : PIECES;
  c->next = 0;
  char text[EVENT], event[EVENT];
  int length = render(text, model, "\"content\":\"############\"", "null");
  c->event = add_chunk(event, text, length);
  c->token_at = (size_t)(strchr(event, '#') - event);
  free(c->out);
  c->out = malloc(c->pieces * c->event + 4 * EVENT);
  if (!c->out) fail("malloc");
  char first[sizeof HEADERS + 2 * EVENT];
  memcpy(first, HEADERS, sizeof HEADERS);
  length = render(text, model, "\"role\":\"assistant\",\"content\":\"\"", "null");
  size_t size = sizeof HEADERS - 1 + add_chunk(first + sizeof HEADERS - 1, text, length);
  if (send(c->fd, first, size, MSG_MORE) != (ssize_t)size) return false;
  for (size_t i = 0; i < c->pieces; i++) memcpy(c->out + i * c->event, event, c->event);
  c->streaming = true;
  produce(c);
  if (!flush(c)) return false;
  c->due = now_us() + c->interval;
  if (c->streaming && c->interval) schedule(c);
  return true;
}

/* Copies the string that follows a key of a JSON document; our callers nest no such key. */
static bool text_of(const char *body, const char *key, char *to, size_t size) {
  const char *at = strstr(body, key);
  if (!at) return false;
  at += strlen(key);
  at += strspn(at, " :");
  if (*at++ != '"') return false;
  size_t length = strcspn(at, "\"");
  if (length >= size) return false;
  memcpy(to, at, length);
  to[length] = 0;
  return true;
}

static bool complete(struct connection *c, const char *body) {
  char model[100];
  unsigned rate;
  if (!text_of(body, "\"model\"", model, sizeof model) || !parse_model(model, &rate, &c->tokens))
    return reply(c, "404 Not Found",
                 "{\"error\":{\"message\":\"no such model\",\"type\":\"invalid_request_error\"}}");
  if (strstr(body, "\"stream\":true") || strstr(body, "\"stream\": true"))
    return begin(c, model, rate, body);
  return reply(c, "200 OK",
               "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1750000000,"
               "\"model\":\"bench\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
               "\"content\":\"bench\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,"
               "\"completion_tokens\":1,\"total_tokens\":2}}");
}

static bool answer(struct connection *c, const char *body) {
  if (!strncmp(c->request, "POST /v1/chat/completions ", 26)) return complete(c, body);
  if (!strncmp(c->request, "GET /v1/models ", 15))
    return reply(c, "200 OK", LIST);
  return reply(c, "404 Not Found", "{\"error\":{\"message\":\"no such path\"}}");
}

/* Answers the request that is complete, if there is one. False if the connection is lost. */
static bool serve(struct connection *c) {
  c->request[c->got] = 0;
  char *end = strstr(c->request, "\r\n\r\n");
  if (!end) return c->got < c->room - 1;
  end += 4;
  char *field = strcasestr(c->request, "\r\ncontent-length:");
  size_t length = field && field < end ? strtoull(field + 17, NULL, 10) : 0;
  size_t total = (size_t)(end - c->request) + length;
  if (total >= c->room) {
    c->room = total + 1;
    c->request = realloc(c->request, c->room);
    return c->request != NULL;
  }
  if (c->got < total) return true;
  char after = c->request[total];
  c->request[total] = 0;
  bool alive = answer(c, end);
  c->request[total] = after;
  c->got -= total;
  memmove(c->request, c->request + total, c->got);
  return alive;
}

static bool receive(struct connection *c) {
  ssize_t count = recv(c->fd, c->request + c->got, c->room - 1 - c->got, 0);
  if (count < 0) return errno == EAGAIN;
  if (!count || c->streaming) return false; /* nobody may ask before the answer has ended */
  c->got += (size_t)count;
  return serve(c);
}

static void on_event(struct connection *c, uint32_t events) {
  bool alive = !(events & (EPOLLERR | EPOLLHUP));
  if (alive && events & EPOLLOUT) {
    if (!c->ready && c->streaming && !c->interval) produce(c);
    alive = flush(c);
  }
  if (alive && events & EPOLLIN) alive = receive(c);
  if (alive)
    arm(c);
  else
    release(c);
}

static void on_timer(struct connection *c) {
  c->timed = false;
  if (c->closed) {
    release(c);
    return;
  }
  if (!c->ready) produce(c); /* else its reader is slow, and this token comes late */
  if (!flush(c)) {
    release(c);
    return;
  }
  if (c->ready) arm(c);
  c->due += c->interval;
  if (c->streaming) schedule(c);
}

static void welcome(int listening) {
  int fd;
  while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    set_no_delay(fd);
    struct connection *c = calloc(1, sizeof *c);
    if (!c || !(c->request = malloc(REQUEST))) fail("malloc");
    c->fd = fd;
    c->room = REQUEST;
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, c);
  }
}

int main(int count, char **arguments) {
  raise_file_limit();
  int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)(count > 1 ? atoi(arguments[1]) : 0)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listening, (struct sockaddr *)&address, size) || listen(listening, 4096)) fail("listen");
  getsockname(listening, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  epoll = epoll_create1(0);
  watch(epoll, EPOLL_CTL_ADD, listening, EPOLLIN, NULL);
  struct epoll_event events[256];
  for (;;) {
    int ready = wait_until(epoll, events, 256, timers_first(&timers));
    for (int i = 0; i < ready; i++) {
      if (events[i].data.ptr)
        on_event(events[i].data.ptr, events[i].events);
      else
        welcome(listening);
    }
    uint64_t now = now_us();
    while (timers_first(&timers) <= now) on_timer(timers_take(&timers));
  }
}
