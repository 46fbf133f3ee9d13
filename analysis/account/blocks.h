/*
 * What cudaMalloc takes from the device beyond what was asked for: the driver maps memory in blocks
 * of 2 MiB, each at a multiple of 2 MiB. Several allocations of up to 1 MiB share a block; a larger
 * one has its blocks to itself. So what is mapped is each block that holds a live byte. (Measured
 * on an H200 with driver 580: cudaMemGetInfo falls by 2 MiB at the first small allocation and then
 * by nothing, by 2 MiB for 1 MiB + 1 byte, by 4 MiB for 3 MiB.)
 */
#ifndef ANALYSIS_ACCOUNT_BLOCKS_H
#define ANALYSIS_ACCOUNT_BLOCKS_H

#include <stdint.h>

#define BLOCKS_BYTES (UINT64_C(2) << 20)

struct block;

struct blocks {
    uint64_t granule;      /* bytes of a block; 1: nothing is rounded, as on softgpu */
    uint64_t mapped;       /* bytes of all blocks that hold something */
    struct block *partial; /* those that an allocation begins or ends in, by number */
};

void blocks_init(struct blocks *blocks, uint64_t granule);
void blocks_free(struct blocks *blocks);

/* An allocation of at least one byte begins to live; it was added, and ends. */
void blocks_add(struct blocks *blocks, uint64_t address, uint64_t bytes);
void blocks_remove(struct blocks *blocks, uint64_t address, uint64_t bytes);

#endif
