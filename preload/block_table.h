/*
 * What the recorder knows of each block of memory while it reads its own records behind
 * (step_walk.h): how large it is, for a FREE does not say, and which allocation of the step made
 * it. One thread at a time.
 */
#ifndef GRAPHPROF_BLOCK_TABLE_H
#define GRAPHPROF_BLOCK_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct gp_block {
    uint64_t key;  /* 0: none */
    uint64_t size; /* bytes * 2, + 1 while it is live */
    uint32_t step; /* number of the walk in which it was made; 0: before, or freed since */
    uint32_t thread;
    uint32_t ordinal; /* among that thread's allocations in the step, from 1 */
    uint32_t outer;   /* its number in that step (outer_blocks.h) */
};

/* The block at an address, entered if it is not known; NULL if there is no room. A caching
   allocator's block (`inside`) may have the address of what it lies in. Valid until the next call.
 */
struct gp_block *gp_block_at(uint64_t address, bool inside);

#endif
