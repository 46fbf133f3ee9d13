/*
 * What the recorder exports for graphprof's own hooks (python/): see own_ranges.c. Any thread.
 */
#ifndef GRAPHPROF_OWN_RANGES_H
#define GRAPHPROF_OWN_RANGES_H

#include <stdint.h>

#define GP_EXPORT __attribute__((visibility("default")))

/* A name's number, for the calls below; at most GP_STRING_BYTES_MAX bytes of the text count. 0
   where nothing is recorded, and so no range will be. */
GP_EXPORT uint64_t graphprof_name(const char *text);

GP_EXPORT void graphprof_range_push(uint64_t name);
GP_EXPORT void graphprof_range_pop(void);
/* A pop and a push. */
GP_EXPORT void graphprof_range_next(uint64_t name);

/* Ranges that may end in another thread; 0 where nothing is recorded. */
GP_EXPORT uint64_t graphprof_range_start(uint64_t name);
GP_EXPORT void graphprof_range_end(uint64_t range);
/* The end of a range that this thread has started, unless it is 0, and the start of the next. */
GP_EXPORT uint64_t graphprof_range_follow(uint64_t before, uint64_t name);

GP_EXPORT void graphprof_mark(const char *text);

#endif
