/* What comes back, byte by byte: HTTP/1.1 responses, Server-Sent Events, and the tokens in them. */
#ifndef BENCH_REPLY_H
#define BENCH_REPLY_H

#include "common.h"

enum part { HEAD, SIZE, DATA, DATA_END, TRAILER, PLAIN, UNTIL_CLOSE, OVER };

/* Bytes that were left over from a read. */
struct bytes {
  char *data;
  size_t count, room;
};

static inline void bytes_add(struct bytes *all, const char *data, size_t count) {
  if (all->count + count + 1 > all->room) {
    all->room = (all->count + count + 1) * 2;
    all->data = realloc(all->data, all->room);
    if (!all->data) fail("realloc");
  }
  memcpy(all->data + all->count, data, count);
  all->count += count;
  all->data[all->count] = 0;
}

/* A response that is being read. `status` and `keep` hold from the end of the head on. */
struct reply {
  enum part part;
  int status;
  bool keep;
  size_t left; /* bytes of the chunk, or of the whole body */
  struct bytes rest;
};

static inline void reply_reset(struct reply *r) {
  r->part = HEAD;
  r->status = 0;
  r->rest.count = 0;
}

/* Takes a line that ends in CR LF or LF; NULL if it is not complete, which keeps what is there. */
static inline char *reply_line(struct reply *r, const char **at, const char *end) {
  const char *stop = memchr(*at, '\n', (size_t)(end - *at));
  bytes_add(&r->rest, *at, (size_t)((stop ? stop : end) - *at));
  *at = stop ? stop + 1 : end;
  if (!stop) return NULL;
  if (r->rest.count && r->rest.data[r->rest.count - 1] == '\r') r->rest.count--;
  r->rest.data[r->rest.count] = 0;
  r->rest.count = 0;
  return r->rest.data;
}

static inline void reply_head(struct reply *r, const char *line) {
  if (!r->status) { /* the first line */
    r->status = atoi(line + strcspn(line, " "));
    r->keep = true;
    r->left = SIZE_MAX;
  } else if (!strncasecmp(line, "content-length:", 15)) {
    r->left = strtoull(line + 15, NULL, 10);
  } else if (!strncasecmp(line, "transfer-encoding:", 18)) {
    r->left = SIZE_MAX - 1;
  } else if (!strncasecmp(line, "connection:", 11)) {
    r->keep = !strcasestr(line, "close");
  } else if (!*line) {
    r->part = r->left == SIZE_MAX ? UNTIL_CLOSE : r->left == SIZE_MAX - 1 ? SIZE : PLAIN;
    if (r->part == UNTIL_CLOSE) r->keep = false;
    if (r->part == PLAIN && !r->left) r->part = OVER;
  }
}

static inline void reply_framing(struct reply *r, const char *line) {
  if (r->part == HEAD) {
    reply_head(r, line);
  } else if (r->part == SIZE) {
    r->left = strtoull(line, NULL, 16);
    r->part = r->left ? DATA : TRAILER;
  } else if (r->part == DATA_END) {
    r->part = SIZE;
  } else if (!*line) {
    r->part = OVER;
  }
}

/* Takes the next piece of the body; its length is 0 when all bytes are used or the body is over. */
static inline size_t reply_body(struct reply *r, const char **at, const char *end,
                                const char **piece) {
  while (*at < end && r->part != OVER) {
    if (r->part != DATA && r->part != PLAIN && r->part != UNTIL_CLOSE) {
      char *line = reply_line(r, at, end);
      if (line) reply_framing(r, line);
      continue;
    }
    size_t count = (size_t)(end - *at);
    *piece = *at;
    if (r->part != UNTIL_CLOSE) {
      if (count > r->left) count = r->left;
      r->left -= count;
      if (!r->left) r->part = r->part == DATA ? DATA_END : OVER;
    }
    *at += count;
    return count;
  }
  return 0;
}

/* An answer that is being checked: token after token, each in its place. */
struct answer {
  uint64_t stream;
  unsigned next;
  char half[TOKEN];
  size_t halved;
};

/* Checks some text. Calls `seen` with the microseconds since each token's sending; returns false at
 * the first byte that is not the one that was sent. */
static inline bool answer_check(struct answer *a, const char *text, size_t count, uint64_t now,
                                void (*seen)(void *, uint64_t), void *owner) {
  while (a->halved + count >= TOKEN) {
    const char *token = text;
    if (a->halved) {
      memcpy(a->half + a->halved, text, TOKEN - a->halved);
      token = a->half;
    }
    uint64_t stamp = get_number(token + PLACE + STREAM, STAMP);
    if (get_number(token, PLACE) != a->next || get_number(token + PLACE, STREAM) != a->stream ||
        stamp == UINT64_MAX)
      return false;
    a->next++;
    uint64_t took = (now - stamp) & STAMP_MASK;
    seen(owner, took > STAMP_MASK / 2 ? 0 : took);
    text += TOKEN - a->halved;
    count -= TOKEN - a->halved;
    a->halved = 0;
  }
  memcpy(a->half + a->halved, text, count);
  a->halved += count;
  return true;
}

/* The string after a key in a line of JSON, whose texts here need no escapes. NULL: there is none. */
static inline const char *json_text(const char *line, size_t size, const char *key, size_t *length) {
  const char *end = line + size, *at = memmem(line, size, key, strlen(key));
  if (!at) return NULL;
  at += strlen(key);
  while (at < end && (*at == ' ' || *at == ':')) at++;
  if (at == end || *at++ != '"') return NULL;
  const char *stop = memchr(at, '"', (size_t)(end - at));
  if (!stop) return NULL;
  *length = (size_t)(stop - at);
  return at;
}

#endif
