#include "pool.h"
#include "error.h"
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>

struct CUmemPoolHandle_st {
    size_t used, used_high;
    size_t reserved, reserved_high;
    size_t max_bytes; /* 0: the device's */
    uint64_t release_threshold;
    int reuse[3]; /* cudaMemPoolReuse*: kept and told; reuse here is always in order */
    bool destroyed;
    LIST_ENTRY(CUmemPoolHandle_st) others;
};

#define NEW_POOL ((struct CUmemPoolHandle_st){.reuse = {1, 1, 1}})

static struct CUmemPoolHandle_st default_pool = {.reuse = {1, 1, 1}};
static cudaMemPool_t current = &default_pool;
/* All but the default one. */
static LIST_HEAD(pool_list, CUmemPoolHandle_st) pools = LIST_HEAD_INITIALIZER(pools);

/* In all of these sg_lock is held. */

static void release_down_to(cudaMemPool_t pool, size_t kept)
{
    if (kept < pool->used)
        kept = pool->used;
    if (pool->reserved > kept) {
        sg_discharge(pool->reserved - kept);
        pool->reserved = kept;
    }
}

static void end_if_unused(cudaMemPool_t pool)
{
    if (!pool->destroyed || pool->used)
        return;
    release_down_to(pool, 0);
    LIST_REMOVE(pool, others);
    free(pool);
}

static size_t beyond_reserve(cudaMemPool_t pool, size_t used)
{
    return used > pool->reserved ? used - pool->reserved : 0;
}

static void grow(cudaMemPool_t pool, size_t used)
{
    pool->used = used;
    if (pool->used_high < used)
        pool->used_high = used;
    if (pool->reserved < used)
        pool->reserved = used;
    if (pool->reserved_high < pool->reserved)
        pool->reserved_high = pool->reserved;
}

bool sg_pool_use(cudaMemPool_t pool, size_t bytes)
{
    if (pool->max_bytes && bytes > pool->max_bytes - pool->used)
        return false;
    if (bytes > SIZE_MAX - pool->used)
        return false;
    const size_t used = pool->used + bytes;
    if (!sg_charge(beyond_reserve(pool, used))) {
        sg_pools_trim();
        if (!sg_charge(beyond_reserve(pool, used)))
            return false;
    }
    grow(pool, used);
    return true;
}

void sg_pool_unuse(cudaMemPool_t pool, size_t bytes)
{
    pool->used -= bytes;
    end_if_unused(pool);
}

void sg_pools_trim(void)
{
    release_down_to(&default_pool, 0);
    for (cudaMemPool_t pool = LIST_FIRST(&pools); pool; pool = LIST_NEXT(pool, others))
        release_down_to(pool, 0);
}

static bool valid(cudaMemPool_t pool)
{
    for (cudaMemPool_t known = LIST_FIRST(&pools); known; known = LIST_NEXT(known, others))
        if (known == pool && !pool->destroyed)
            return true;
    return pool == &default_pool;
}

/* From here on it is not. */

void sg_pools_synchronize(void)
{
    pthread_mutex_lock(&sg_lock);
    release_down_to(&default_pool, default_pool.release_threshold);
    for (cudaMemPool_t pool = LIST_FIRST(&pools); pool; pool = LIST_NEXT(pool, others))
        release_down_to(pool, pool->release_threshold);
    pthread_mutex_unlock(&sg_lock);
}

bool sg_pool_valid(cudaMemPool_t pool)
{
    pthread_mutex_lock(&sg_lock);
    const bool is = valid(pool);
    pthread_mutex_unlock(&sg_lock);
    return is;
}

cudaMemPool_t sg_pool_current(void)
{
    pthread_mutex_lock(&sg_lock);
    cudaMemPool_t pool = current;
    pthread_mutex_unlock(&sg_lock);
    return pool;
}

void sg_pools_reset(void)
{
    pthread_mutex_lock(&sg_lock);
    sg_pools_trim();
    while (!LIST_EMPTY(&pools)) {
        cudaMemPool_t pool = LIST_FIRST(&pools);
        LIST_REMOVE(pool, others);
        free(pool);
    }
    default_pool = NEW_POOL;
    current = &default_pool;
    pthread_mutex_unlock(&sg_lock);
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t *pool, int device)
{
    SG_ENTER();
    if (device != 0)
        return sg_return(cudaErrorInvalidDevice);
    if (!pool)
        return sg_return(cudaErrorInvalidValue);
    *pool = &default_pool;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetMemPool(cudaMemPool_t *pool, int device)
{
    SG_ENTER();
    if (device != 0)
        return sg_return(cudaErrorInvalidDevice);
    if (!pool)
        return sg_return(cudaErrorInvalidValue);
    *pool = sg_pool_current();
    return cudaSuccess;
}

cudaError_t cudaDeviceSetMemPool(int device, cudaMemPool_t pool)
{
    SG_ENTER();
    if (device != 0)
        return sg_return(cudaErrorInvalidDevice);
    pthread_mutex_lock(&sg_lock);
    const bool known = valid(pool);
    if (known)
        current = pool;
    pthread_mutex_unlock(&sg_lock);
    return sg_return(known ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t *pool, const struct cudaMemPoolProps *props)
{
    SG_ENTER();
    if (!pool || !props || props->allocType != cudaMemAllocationTypePinned ||
        props->location.type != cudaMemLocationTypeDevice)
        return sg_return(cudaErrorInvalidValue);
    if (props->location.id != 0)
        return sg_return(cudaErrorInvalidDevice);
    if (props->handleTypes != cudaMemHandleTypeNone)
        return sg_return(cudaErrorNotSupported);
    cudaMemPool_t made = malloc(sizeof *made);
    if (!made)
        return sg_return(cudaErrorMemoryAllocation);
    *made = NEW_POOL;
    made->max_bytes = props->maxSize;
    pthread_mutex_lock(&sg_lock);
    LIST_INSERT_HEAD(&pools, made, others);
    pthread_mutex_unlock(&sg_lock);
    *pool = made;
    return cudaSuccess;
}

/* Blocks that are live stay so; the pool goes with the last of them. */
cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool)
{
    SG_ENTER();
    pthread_mutex_lock(&sg_lock);
    const bool known = pool != &default_pool && valid(pool);
    if (known) {
        pool->destroyed = true;
        if (current == pool)
            current = &default_pool;
        end_if_unused(pool);
    }
    pthread_mutex_unlock(&sg_lock);
    return sg_return(known ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t kept)
{
    SG_ENTER();
    pthread_mutex_lock(&sg_lock);
    const bool known = valid(pool);
    if (known)
        release_down_to(pool, kept);
    pthread_mutex_unlock(&sg_lock);
    return sg_return(known ? cudaSuccess : cudaErrorInvalidValue);
}

static bool get(cudaMemPool_t pool, enum cudaMemPoolAttr attribute, void *value)
{
    uint64_t *const bytes = value;
    switch (attribute) {
    case cudaMemPoolReuseFollowEventDependencies:
    case cudaMemPoolReuseAllowOpportunistic:
    case cudaMemPoolReuseAllowInternalDependencies:
        *(int *)value = pool->reuse[attribute - cudaMemPoolReuseFollowEventDependencies];
        return true;
    case cudaMemPoolAttrReleaseThreshold:
        *bytes = pool->release_threshold;
        return true;
    case cudaMemPoolAttrReservedMemCurrent:
        *bytes = pool->reserved;
        return true;
    case cudaMemPoolAttrReservedMemHigh:
        *bytes = pool->reserved_high;
        return true;
    case cudaMemPoolAttrUsedMemCurrent:
        *bytes = pool->used;
        return true;
    case cudaMemPoolAttrUsedMemHigh:
        *bytes = pool->used_high;
        return true;
    default:
        return false;
    }
}

/* The high-water marks can be set to 0 only: they then start again from what is current. */
static bool set(cudaMemPool_t pool, enum cudaMemPoolAttr attribute, const void *value)
{
    switch (attribute) {
    case cudaMemPoolReuseFollowEventDependencies:
    case cudaMemPoolReuseAllowOpportunistic:
    case cudaMemPoolReuseAllowInternalDependencies:
        pool->reuse[attribute - cudaMemPoolReuseFollowEventDependencies] = *(const int *)value;
        return true;
    case cudaMemPoolAttrReleaseThreshold:
        pool->release_threshold = *(const uint64_t *)value;
        return true;
    case cudaMemPoolAttrReservedMemHigh:
        if (*(const uint64_t *)value != 0)
            return false;
        pool->reserved_high = pool->reserved;
        return true;
    case cudaMemPoolAttrUsedMemHigh:
        if (*(const uint64_t *)value != 0)
            return false;
        pool->used_high = pool->used;
        return true;
    default:
        return false;
    }
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, enum cudaMemPoolAttr attribute, void *value)
{
    SG_ENTER();
    pthread_mutex_lock(&sg_lock);
    const bool done = value && valid(pool) && get(pool, attribute, value);
    pthread_mutex_unlock(&sg_lock);
    return sg_return(done ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, enum cudaMemPoolAttr attribute, void *value)
{
    SG_ENTER();
    pthread_mutex_lock(&sg_lock);
    const bool done = value && valid(pool) && set(pool, attribute, value);
    pthread_mutex_unlock(&sg_lock);
    return sg_return(done ? cudaSuccess : cudaErrorInvalidValue);
}
