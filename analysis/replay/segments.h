/*
 * Allocations that a framework's caching allocator divides: a segment is what it took from the
 * runtime (cudaMalloc), a block (GP_SPACE_BLOCK) what it gives out inside. Counting both would
 * count each byte twice, so of the two the block is what is live, with an owner and a role; the
 * segment is reserve, and what of it is in no block is pool slack. What was allocated and never
 * held a block counts as any other allocation: it is another part of the program's.
 *
 * A block may lie in no allocation that is known: the allocator mapped physical memory there
 * (cuMemCreate, as PyTorch's expandable segments do). Physical memory is reserve then, all of it;
 * which block lies in which is not known.
 *
 * Whether an allocation is a segment shows only when a block is given out in it. So the capture is
 * looked through ahead, and the replay knows a segment at its birth: else each would be live, as a
 * tensor of its node, for the moment until its first block.
 */
#ifndef ANALYSIS_REPLAY_SEGMENTS_H
#define ANALYSIS_REPLAY_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/facts.h"

struct segments {
    uint64_t *offsets; /* of their ALLOC records in the capture, rising */
    size_t n;
    size_t capacity;
    bool mapped; /* physical memory is among them */
};

/* Reads the capture, which `facts` are of, from its start to its end. */
void segments_scan(struct segments *segments, const struct facts *facts, struct capture *capture);

/* Whether the ALLOC record at this offset makes a segment. NULL: none does. */
bool segments_has(const struct segments *segments, uint64_t offset);

void segments_free(struct segments *segments);

#endif
