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
 * used, in all pools of the device.
 */
#ifndef SOFTGPU_CUDART_POOL_H
#define SOFTGPU_CUDART_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <cuda_runtime_api.h>

/* sg_lock is held: a block's bytes enter use (false: no room) or leave it. */
bool sg_pool_use(cudaMemPool_t pool, size_t bytes);
void sg_pool_unuse(cudaMemPool_t pool, size_t bytes);

/* sg_lock is held: every pool of the device lets go of what it does not use. */
void sg_pools_trim(int device);

/* A stream or an event of the device, or the device was waited for. */
void sg_pools_synchronize(int device);

/* The pool that cudaMallocAsync takes from in streams of the device. */
cudaMemPool_t sg_pool_current(int device);
/* Of a valid pool. */
int sg_pool_device(cudaMemPool_t pool);
bool sg_pool_valid(cudaMemPool_t pool);

/* Reset of the device, after its blocks are gone: only its default pool is left, as new. */
void sg_pools_reset(int device);

#endif
