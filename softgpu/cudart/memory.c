#include "memory.h"
#include "current_device.h"
#include "graph_memory.h"
#include "heap.h"
#include "options.h"
#include "pool.h"
#include "work.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

pthread_mutex_t sg_lock = PTHREAD_MUTEX_INITIALIZER;

static void *tree; /* of tsearch(3), by address */
static LIST_HEAD(block_list, sg_block) blocks = LIST_HEAD_INITIALIZER(blocks);
static size_t charged[SG_DEVICES_MAX];
static unsigned long long device_allocations;

/* Blocks do not overlap: one that overlaps the other compares equal, so any address inside a block
 * finds it. */
static int compare(const void *left, const void *right)
{
    const struct sg_block *const l = left, *const r = right;
    if (l->base + l->bytes <= r->base)
        return -1;
    return l->base >= r->base + r->bytes;
}

static struct sg_block *find(const void *address, size_t bytes)
{
    const struct sg_block key = {.base = (char *)address, .bytes = bytes};
    struct sg_block **const node = tfind(&key, &tree, compare);
    return node ? *node : NULL;
}

static struct sg_block *find_start(const void *address)
{
    struct sg_block *const block = find(address, 1);
    return block && block->base == address ? block : NULL;
}

static bool insert(struct sg_block *block)
{
    if (!tsearch(block, &tree, compare))
        return false;
    LIST_INSERT_HEAD(&blocks, block, others);
    return true;
}

static void forget(struct sg_block *block)
{
    tdelete(block, &tree, compare);
    LIST_REMOVE(block, others);
    free(block);
}

bool sg_charge(int device, size_t bytes)
{
    if (bytes > sg_options()->memory_bytes - charged[device])
        return false;
    charged[device] += bytes;
    return true;
}

void sg_discharge(int device, size_t bytes) { charged[device] -= bytes; }

static bool count_in(const struct sg_block *block)
{
    if (block->type == cudaMemoryTypeHost)
        return true;
    if (!block->of_library && ++device_allocations == sg_options()->fail_alloc)
        return false;
    if (block->pool)
        return sg_pool_use(block->pool, block->bytes);
    if (sg_charge(block->device, block->bytes))
        return true;
    sg_pools_trim(block->device);
    return sg_charge(block->device, block->bytes);
}

static void count_out(const struct sg_block *block)
{
    if (block->pool)
        sg_pool_unuse(block->pool, block->bytes);
    else if (block->type != cudaMemoryTypeHost)
        sg_discharge(block->device, block->bytes);
}

static bool take(struct sg_block *block)
{
    if (!count_in(block))
        return false;
    block->base = sg_heap_take(block->bytes);
    if (block->base && insert(block))
        return true;
    if (block->base)
        sg_heap_give(block->base, block->bytes);
    count_out(block);
    return false;
}

static enum softgpu_memory_kind kind_of(const struct sg_block *block)
{
    return block->pool                            ? SOFTGPU_TAKE_ORDERED
           : block->type == cudaMemoryTypeManaged ? SOFTGPU_TAKE_MANAGED
           : block->type == cudaMemoryTypeHost    ? SOFTGPU_TAKE_HOST
                                                  : SOFTGPU_TAKE;
}

static cudaError_t take_block(const struct sg_block *asked, void **address)
{
    struct sg_block *const block = malloc(sizeof *block);
    struct softgpu_memory memory = {
        .kind = kind_of(asked), .bytes = asked->bytes, .device = asked->device};
    if (!block)
        return cudaErrorMemoryAllocation;
    *block = *asked;
    sg_memory_begin(&memory);
    pthread_mutex_lock(&sg_lock);
    const bool taken = take(block);
    char *const base = taken ? block->base : NULL;
    memory.address = (uintptr_t)base;
    memory.failed = !taken;
    pthread_mutex_unlock(&sg_lock);
    sg_memory_end(&memory);
    if (!taken) {
        free(block);
        return cudaErrorMemoryAllocation;
    }
    if (sg_options()->poison && asked->type != cudaMemoryTypeHost)
        memset(base, 0xff, asked->bytes);
    *address = base;
    return cudaSuccess;
}

cudaError_t sg_memory_take(enum cudaMemoryType type, size_t bytes, cudaMemPool_t pool,
                           void **address)
{
    const struct sg_block asked = {.bytes = bytes,
                                   .type = type,
                                   .device = pool ? sg_pool_device(pool) : sg_device(),
                                   .pool = pool};
    return take_block(&asked, address);
}

cudaError_t sg_memory_take_for_library(size_t bytes, void **address)
{
    const struct sg_block asked = {
        .bytes = bytes, .type = cudaMemoryTypeDevice, .device = sg_device(), .of_library = true};
    return take_block(&asked, address);
}

/* sg_lock is held. */
static void give(struct sg_block *block)
{
    if (block->graph) {
        sg_graph_memory_freed(block->graph);
        forget(block);
        return;
    }
    count_out(block);
    sg_heap_give(block->base, block->bytes);
    forget(block);
}

cudaError_t sg_memory_give(void *address, bool host, bool ordered)
{
    struct softgpu_memory memory = {.kind = host      ? SOFTGPU_GIVE_HOST
                                            : ordered ? SOFTGPU_GIVE_ORDERED
                                                      : SOFTGPU_GIVE,
                                    .address = (uintptr_t)address};
    sg_memory_begin(&memory);
    pthread_mutex_lock(&sg_lock);
    struct sg_block *const block = find_start(address);
    const bool ours = block && !block->registered && !block->mapped &&
                      (block->type == cudaMemoryTypeHost) == host;
    if (ours)
        give(block);
    pthread_mutex_unlock(&sg_lock);
    memory.failed = !ours;
    sg_memory_end(&memory);
    return ours ? cudaSuccess : cudaErrorInvalidValue;
}

bool sg_memory_enter(struct sg_graph_memory *memory)
{
    struct sg_block *const block = malloc(sizeof *block);
    if (!block)
        return false;
    *block = (struct sg_block){.base = memory->base,
                               .bytes = memory->bytes,
                               .type = cudaMemoryTypeDevice,
                               .device = memory->device,
                               .graph = memory};
    if (insert(block))
        return true;
    free(block);
    return false;
}

bool sg_memory_leave(void *address)
{
    pthread_mutex_lock(&sg_lock);
    struct sg_block *const block = find_start(address);
    const bool ours = block && block->type == cudaMemoryTypeDevice && !block->mapped;
    if (ours)
        give(block);
    pthread_mutex_unlock(&sg_lock);
    return ours;
}

/* Notes memory that is not of the heap. */
static cudaError_t note(const struct sg_block *asked)
{
    struct sg_block *const block = malloc(sizeof *block);
    if (!block)
        return cudaErrorMemoryAllocation;
    *block = *asked;
    block->device = sg_device();
    pthread_mutex_lock(&sg_lock);
    const bool overlaps = find(block->base, block->bytes) != NULL;
    const bool done = !overlaps && insert(block);
    pthread_mutex_unlock(&sg_lock);
    if (done)
        return cudaSuccess;
    free(block);
    return overlaps ? cudaErrorHostMemoryAlreadyRegistered : cudaErrorMemoryAllocation;
}

static bool unnote(void *address, bool mapped)
{
    pthread_mutex_lock(&sg_lock);
    struct sg_block *const block = find_start(address);
    const bool ours = block && (mapped ? block->mapped : block->registered);
    if (ours)
        forget(block);
    pthread_mutex_unlock(&sg_lock);
    return ours;
}

cudaError_t sg_memory_register(void *address, size_t bytes)
{
    const struct sg_block asked = {
        .base = address, .bytes = bytes, .type = cudaMemoryTypeHost, .registered = true};
    return note(&asked);
}

cudaError_t sg_memory_unregister(void *address)
{
    return unnote(address, false) ? cudaSuccess : cudaErrorHostMemoryNotRegistered;
}

bool sg_memory_map(void *address, size_t bytes)
{
    const struct sg_block asked = {
        .base = address, .bytes = bytes, .type = cudaMemoryTypeDevice, .mapped = true};
    return note(&asked) == cudaSuccess;
}

void sg_memory_unmap(void *address) { unnote(address, true); }

bool sg_memory_find(const void *address, struct sg_block *block)
{
    pthread_mutex_lock(&sg_lock);
    const struct sg_block *const found = find(address, 1);
    if (found)
        *block = *found;
    pthread_mutex_unlock(&sg_lock);
    return found != NULL;
}

bool sg_memory_reaches(const void *address, size_t bytes)
{
    const char *at = address;
    while (bytes > 0) {
        struct sg_block block;
        if (!sg_memory_find(at, &block))
            return false;
        const size_t inside = block.bytes - (size_t)(at - block.base);
        if (bytes <= inside)
            return true;
        if (!block.mapped)
            return false;
        at += inside;
        bytes -= inside;
    }
    return true;
}

void sg_memory_info(int device, size_t *free_bytes, size_t *total_bytes)
{
    pthread_mutex_lock(&sg_lock);
    *total_bytes = sg_options()->memory_bytes;
    *free_bytes = *total_bytes - charged[device];
    pthread_mutex_unlock(&sg_lock);
}

void sg_memory_reset(int device)
{
    pthread_mutex_lock(&sg_lock);
    for (struct sg_block *block = LIST_FIRST(&blocks), *next; block; block = next) {
        next = LIST_NEXT(block, others);
        if (block->type != cudaMemoryTypeHost && !block->mapped && block->device == device)
            give(block);
    }
    pthread_mutex_unlock(&sg_lock);
}
