/*
 * The blocks that a step freed and did not make, and those that it left live: their addresses tell
 * what a step that repeats another did to the ledger (ADDRESSES in capture_format.h). Part of the
 * walk over a step (step_walk.h). One thread at a time.
 */
#ifndef GRAPHPROF_OUTER_BLOCKS_H
#define GRAPHPROF_OUTER_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#define GP_OUTER_MAX 16384u /* blocks that a step makes, and that it frees of others */
#define GP_NOT_OUTER UINT32_MAX

/* A step begins; the one that was is the step before. */
void gp_outer_begin(void);

/* The step made a block: its number in the step; GP_NOT_OUTER if there is no room. */
uint32_t gp_outer_made(uint64_t address);
/* And freed it. */
void gp_outer_gone(uint32_t number);

/* The step freed a block that it did not make. `number`: in the step before, which made it; else
   GP_NOT_OUTER. False if there is no room. */
bool gp_outer_freed(uint64_t address, uint32_t number);

/* Once the step is over. What these return is good until the next of them. In the order of its
   records: all of these blocks, or those alone that it left live. */
unsigned gp_outer_addresses(const uint64_t **addresses);
unsigned gp_outer_left(const uint64_t **addresses);

/* For each block that it freed and did not make, which of gp_outer_addresses() of the step before
   it was, or of gp_outer_left() where `of_left`, from 0. 0 if there is none, or one of them was
   made elsewhere. */
unsigned gp_outer_order(bool of_left, const uint64_t **indexes);

#endif
