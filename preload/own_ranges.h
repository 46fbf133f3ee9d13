/*
 * What the recorder exports for graphprof's own hooks (python/): see own_ranges.c. Any thread.
 * Names are text of at most GP_STRING_BYTES_MAX bytes that count.
 */
#ifndef GRAPHPROF_OWN_RANGES_H
#define GRAPHPROF_OWN_RANGES_H

#include <stdint.h>

#define GP_EXPORT __attribute__((visibility("default")))

GP_EXPORT void graphprof_range_push(const char *name);
GP_EXPORT void graphprof_range_pop(void);
/* A pop and a push. */
GP_EXPORT void graphprof_range_next(const char *name);

/* Ranges that may end in another thread; 0 where nothing is recorded. */
GP_EXPORT uint64_t graphprof_range_start(const char *name);
GP_EXPORT void graphprof_range_end(uint64_t range);
/* The end of a range that this thread has started, unless it is 0, and the start of the next. */
GP_EXPORT uint64_t graphprof_range_follow(uint64_t before, const char *name);

GP_EXPORT void graphprof_mark(const char *text);

#endif
