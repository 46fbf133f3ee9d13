/*
 * What the recorder exports for graphprof's own hooks (python/): see own_ranges.c. Any thread.
 */
#ifndef GRAPHPROF_OWN_RANGES_H
#define GRAPHPROF_OWN_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "export.h"

/* A name's number, for the calls below; at most GP_STRING_BYTES_MAX bytes of the text count. 0
   where nothing is recorded, and so no range will be. */
GP_EXPORT uint64_t graphprof_name(const char *text);

GP_EXPORT void graphprof_range_push(uint64_t name);
GP_EXPORT void graphprof_range_pop(void);
/* A pop and a push. */
GP_EXPORT void graphprof_range_next(uint64_t name);

/* A range that may end in another thread starts, where one that this thread has started ends,
   unless that is 0. 0 where nothing is recorded. */
GP_EXPORT uint64_t graphprof_range_follow(uint64_t before, uint64_t name);
GP_EXPORT void graphprof_range_end(uint64_t range);

GP_EXPORT void graphprof_mark(const char *text);

/* Whether ranges are recorded at the moment: not in a step that is not recorded in detail, nor
 * where nothing is. */
GP_EXPORT bool graphprof_in_detail(void);

#endif
