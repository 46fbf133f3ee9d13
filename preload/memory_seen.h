/* What device memory the program has been seen to have so far. Any thread may call these. */
#ifndef GRAPHPROF_MEMORY_SEEN_H
#define GRAPHPROF_MEMORY_SEEN_H

#include <stdbool.h>
#include <stdint.h>

/* Device memory was given out from `first` up to before `end`. */
void gp_memory_seen(uint64_t first, uint64_t end);

/* The lowest address that device memory was ever given out at, and the one behind the highest;
   lowest > highest if none was. */
uint64_t gp_memory_lowest(void);
uint64_t gp_memory_highest(void);

/* Some came from a pool. */
void gp_memory_seen_in_pool(void);
bool gp_memory_was_in_pool(void);

/* The program has allocated through an intercepted function. */
void gp_memory_seen_by_runtime(void);
bool gp_memory_was_by_runtime(void);

#endif
