/* What the mock upstream and the load generator share: clock, tokens, sockets, timers.
 *
 * A token is 12 plain characters: 4 of its place in the answer, 2 of the stream that it belongs to,
 * 6 of the time of its sending in microseconds (CLOCK_MONOTONIC, so both tools must run on one
 * machine). Each character carries 6 bits. */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TOKEN = 12, PLACE = 4, STREAM = 2, STAMP = 6 };
#define STAMP_MASK ((1ull << (6 * STAMP)) - 1)

static const char DIGITS[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

static inline uint64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static inline void put_number(char *at, uint64_t number, int digits) {
  while (digits--) {
    at[digits] = DIGITS[number & 63];
    number >>= 6;
  }
}

/* The number, or UINT64_MAX where a character is none of ours. */
static inline uint64_t get_number(const char *at, int digits) {
  static int8_t values[256];
  if (!values['1']) {
    memset(values, -1, sizeof values);
    for (int i = 0; i < 64; i++) values[(unsigned char)DIGITS[i]] = (int8_t)i;
  }
  uint64_t number = 0;
  for (int i = 0; i < digits; i++) {
    int8_t value = values[(unsigned char)at[i]];
    if (value < 0) return UINT64_MAX;
    number = number << 6 | (uint64_t)value;
  }
  return number;
}

static inline void fail(const char *what) {
  perror(what);
  exit(1);
}

/* What a model's name asks for: `bench-50x200` is 200 tokens at 50 a second, 0 means no pace. */
static inline bool parse_model(const char *name, unsigned *rate, unsigned *tokens) {
  return sscanf(name, "bench-%ux%u", rate, tokens) == 2 && *tokens > 0;
}

static inline void raise_file_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  signal(SIGPIPE, SIG_IGN);
}

static inline void set_no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline void watch(int epoll, int operation, int fd, uint32_t events, void *owner) {
  struct epoll_event event = {.events = events, .data.ptr = owner};
  if (epoll_ctl(epoll, operation, fd, &event)) fail("epoll_ctl");
}

/* Waits until something is ready, or until a moment of now_us() (UINT64_MAX: for ever). Whole
 * milliseconds, as epoll_wait has them, would send the tokens of many streams in bursts. */
static inline int wait_until(int epoll, struct epoll_event *events, int size, uint64_t moment) {
  if (moment == UINT64_MAX) return epoll_wait(epoll, events, size, -1);
  uint64_t now = now_us(), left = moment > now ? moment - now : 0;
  struct timespec rest = {(time_t)(left / 1000000), (long)(left % 1000000) * 1000};
  int count = epoll_pwait2(epoll, events, size, &rest, NULL);
  if (count < 0 && errno == ENOSYS) count = epoll_wait(epoll, events, size, (int)(left / 1000) + 1);
  return count;
}

/* Timers: a heap with the earliest moment on top. */
struct timer {
  uint64_t moment;
  void *owner;
};

struct timers {
  struct timer *heap;
  size_t count, size;
};

static inline void timers_add(struct timers *all, uint64_t moment, void *owner) {
  if (all->count == all->size) {
    all->size = all->size ? all->size * 2 : 64;
    all->heap = realloc(all->heap, all->size * sizeof *all->heap);
    if (!all->heap) fail("realloc");
  }
  size_t at = all->count++;
  for (; at && all->heap[(at - 1) / 2].moment > moment; at = (at - 1) / 2)
    all->heap[at] = all->heap[(at - 1) / 2];
  all->heap[at] = (struct timer){moment, owner};
}

/* The moment of the first timer; UINT64_MAX if there is none. */
static inline uint64_t timers_first(const struct timers *all) {
  return all->count ? all->heap[0].moment : UINT64_MAX;
}

static inline void *timers_take(struct timers *all) {
  void *owner = all->heap[0].owner;
  struct timer last = all->heap[--all->count];
  size_t at = 0;
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= all->count) break;
    if (child + 1 < all->count && all->heap[child + 1].moment < all->heap[child].moment) child++;
    if (all->heap[child].moment >= last.moment) break;
    all->heap[at] = all->heap[child];
    at = child;
  }
  all->heap[at] = last;
  return owner;
}

#endif
