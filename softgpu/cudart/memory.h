/*
 * The devices' memories: their capacity, and the blocks that live in them. Device addresses are
 * host addresses. Also knows pinned host memory, since CUDA tells one kind of pointer from another.
 *
 * A block takes from the capacity exactly the bytes that were asked for: softgpu rounds nothing
 * (a real device maps cudaMalloc's memory in pages of 2 MiB). cudaMemGetInfo's free bytes are the
 * capacity less cudaMalloc's blocks less what the pools hold in reserve (pool.h).
 *
 * Any thread, except where a function says that sg_lock is held.
 */
#ifndef SOFTGPU_CUDART_MEMORY_H
#define SOFTGPU_CUDART_MEMORY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <cuda_runtime_api.h>

/* Guards blocks, pools, capacity and heap. Never held while a kernel or a copy works. */
extern pthread_mutex_t sg_lock;

struct sg_graph_memory;

struct sg_block {
    char *base;
    size_t bytes;
    enum cudaMemoryType type;
    int device;                    /* current when it was made; a pool's: the pool's */
    bool of_library;               /* of one of softgpu's own, with a handle */
    bool registered;               /* cudaHostRegister: the memory is the program's own */
    bool mapped;                   /* the driver's physical memory, counted by its handle */
    cudaMemPool_t pool;            /* NULL: not stream-ordered */
    struct sg_graph_memory *graph; /* NULL: given out by no graph */
    LIST_ENTRY(sg_block) others;
};

/*
 * A new block of at least one byte. Device and managed memory counts against the capacity and as
 * an allocation for SOFTGPU_FAIL_ALLOC, host memory does not. cudaErrorMemoryAllocation if there
 * is no room; *address is then unchanged.
 */
cudaError_t sg_memory_take(enum cudaMemoryType type, size_t bytes, cudaMemPool_t pool,
                           void **address);

/* A block of a library's own: no allocation for SOFTGPU_FAIL_ALLOC. */
cudaError_t sg_memory_take_for_library(size_t bytes, void **address);

/* Ends the block of one of the types host (true) or device and managed (false) that begins at
 * address: cudaErrorInvalidValue if none does. `ordered`: in a stream's order, which listeners are
 * told. */
cudaError_t sg_memory_give(void *address, bool host, bool ordered);

/* sg_lock is held: memory that a graph's launch gives out becomes a block; false if the host has no
 * memory. */
bool sg_memory_enter(struct sg_graph_memory *memory);

/* A graph's launch frees the device block that begins at address; false if none does. */
bool sg_memory_leave(void *address);

/* Notes memory of the program's own as pinned; cudaErrorHostMemoryAlreadyRegistered if it overlaps
 * a block. The second undoes it; cudaErrorHostMemoryNotRegistered. */
cudaError_t sg_memory_register(void *address, size_t bytes);
cudaError_t sg_memory_unregister(void *address);

/* Notes a range where the driver has mapped physical memory; false if something lies there. The
 * second undoes it. */
bool sg_memory_map(void *address, size_t bytes);
void sg_memory_unmap(void *address);

/* Copies out the block that holds address; false if none does. */
bool sg_memory_find(const void *address, struct sg_block *block);

/* Whether the device may touch all of these bytes, in one block or in mapped ones side by side.
 * True for none. */
bool sg_memory_reaches(const void *address, size_t bytes);

void sg_memory_info(int device, size_t *free_bytes, size_t *total_bytes);

/* Ends all device and managed blocks of the device. */
void sg_memory_reset(int device);

/* Takes from a device's capacity (false: no room), or gives back. sg_lock is held. */
bool sg_charge(int device, size_t bytes);
void sg_discharge(int device, size_t bytes);

/* Tells who listens (work.h) that memory is given out or taken back; no lock is held. */
struct softgpu_memory;
void sg_memory_begin(struct softgpu_memory *memory);
void sg_memory_end(struct softgpu_memory *memory);

#endif
