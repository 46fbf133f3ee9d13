/*
 * Memory pools. Work is done in the caller's thread, so a stream's order is the order of calls and
 * a block that is freed may be handed out at once.
 *
 * The books of a pool, in bytes as requested (softgpu's pool rounds nothing; a real one rounds each
 * block up and grows by 32 MiB at a time):
 *   used      blocks that are live
 *   reserved  what the pool holds of the device's capacity: used, and what was freed since
 * An allocation is met from the reserve first. At a synchronisation the reserve falls to the
 * release threshold, but not below what is used; where the device runs short it falls to what is
 * used, in all pools.
 */
#ifndef SOFTGPU_CUDART_POOL_H
#define SOFTGPU_CUDART_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <cuda_runtime_api.h>

/* sg_lock is held: a block's bytes enter use (false: no room) or leave it. */
bool sg_pool_use(cudaMemPool_t pool, size_t bytes);
void sg_pool_unuse(cudaMemPool_t pool, size_t bytes);

/* sg_lock is held: every pool lets go of what it does not use. */
void sg_pools_trim(void);

/* A stream, an event or the device was waited for. */
void sg_pools_synchronize(void);

/* The pool that cudaMallocAsync takes from. */
cudaMemPool_t sg_pool_current(void);
bool sg_pool_valid(cudaMemPool_t pool);

/* Device reset, after its blocks are gone: only the default pool is left, as new. */
void sg_pools_reset(void);

#endif
