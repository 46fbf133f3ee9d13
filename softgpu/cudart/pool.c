#include "pool.h"
#include "current_device.h"
#include "error.h"
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>

struct CUmemPoolHandle_st {
    int device;
    size_t used, used_high;
    size_t reserved, reserved_high;
    size_t max_bytes; /* 0: the device's */
    uint64_t release_threshold;
    int reuse[3]; /* cudaMemPoolReuse*: kept and told; reuse here is always in order */
    bool destroyed;
    LIST_ENTRY(CUmemPoolHandle_st) others;
};

#define NEW_POOL(of) ((struct CUmemPoolHandle_st){.device = (of), .reuse = {1, 1, 1}})

static struct CUmemPoolHandle_st default_pools[SG_DEVICES_MAX];
static cudaMemPool_t current[SG_DEVICES_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;
/* All but the default ones. */
static LIST_HEAD(pool_list, CUmemPoolHandle_st) pools = LIST_HEAD_INITIALIZER(pools);

static void make_default_pools(void)
{
    for (int device = 0; device < SG_DEVICES_MAX; device++) {
        default_pools[device] = NEW_POOL(device);
        current[device] = &default_pools[device];
    }
}

static cudaMemPool_t default_pool(int device)
{
    pthread_once(&once, make_default_pools);
    return &default_pools[device];
}

int sg_pool_device(cudaMemPool_t pool) { return pool->device; }

/* In all of these sg_lock is held. */

static void release_down_to(cudaMemPool_t pool, size_t kept)
{
    if (kept < pool->used)
        kept = pool->used;
    if (pool->reserved > kept) {
        sg_discharge(pool->device, pool->reserved - kept);
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
    if (!sg_charge(pool->device, beyond_reserve(pool, used))) {
        sg_pools_trim(pool->device);
        if (!sg_charge(pool->device, beyond_reserve(pool, used)))
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

void sg_pools_trim(int device)
{
    release_down_to(default_pool(device), 0);
    for (cudaMemPool_t pool = LIST_FIRST(&pools); pool; pool = LIST_NEXT(pool, others))
        if (pool->device == device)
            release_down_to(pool, 0);
}

static bool valid(cudaMemPool_t pool)
{
    for (cudaMemPool_t known = LIST_FIRST(&pools); known; known = LIST_NEXT(known, others))
        if (known == pool && !pool->destroyed)
            return true;
    for (int device = 0; device < sg_options()->devices; device++)
        if (pool == default_pool(device))
            return true;
    return false;
}

/* From here on it is not. */

void sg_pools_synchronize(int device)
{
    pthread_mutex_lock(&sg_lock);
    release_down_to(default_pool(device), default_pool(device)->release_threshold);
    for (cudaMemPool_t pool = LIST_FIRST(&pools); pool; pool = LIST_NEXT(pool, others))
        if (pool->device == device)
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

cudaMemPool_t sg_pool_current(int device)
{
    default_pool(device); /* they are made */
    pthread_mutex_lock(&sg_lock);
    cudaMemPool_t pool = current[device];
    pthread_mutex_unlock(&sg_lock);
    return pool;
}

void sg_pools_reset(int device)
{
    pthread_mutex_lock(&sg_lock);
    sg_pools_trim(device);
    for (cudaMemPool_t pool = LIST_FIRST(&pools), next; pool; pool = next) {
        next = LIST_NEXT(pool, others);
        if (pool->device != device)
            continue;
        LIST_REMOVE(pool, others);
        free(pool);
    }
    *default_pool(device) = NEW_POOL(device);
    current[device] = default_pool(device);
    pthread_mutex_unlock(&sg_lock);
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t *pool, int device)
{
    SG_ENTER();
    if (!sg_device_valid(device))
        return sg_return(cudaErrorInvalidDevice);
    if (!pool)
        return sg_return(cudaErrorInvalidValue);
    *pool = default_pool(device);
    return cudaSuccess;
}

cudaError_t cudaDeviceGetMemPool(cudaMemPool_t *pool, int device)
{
    SG_ENTER();
    if (!sg_device_valid(device))
        return sg_return(cudaErrorInvalidDevice);
    if (!pool)
        return sg_return(cudaErrorInvalidValue);
    *pool = sg_pool_current(device);
    return cudaSuccess;
}

cudaError_t cudaDeviceSetMemPool(int device, cudaMemPool_t pool)
{
    SG_ENTER();
    if (!sg_device_valid(device))
        return sg_return(cudaErrorInvalidDevice);
    pthread_mutex_lock(&sg_lock);
    const bool known = valid(pool) && pool->device == device;
    if (known)
        current[device] = pool;
    pthread_mutex_unlock(&sg_lock);
    return sg_return(known ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t *pool, const struct cudaMemPoolProps *props)
{
    SG_ENTER();
    if (!pool || !props || props->allocType != cudaMemAllocationTypePinned ||
        props->location.type != cudaMemLocationTypeDevice)
        return sg_return(cudaErrorInvalidValue);
    if (!sg_device_valid(props->location.id))
        return sg_return(cudaErrorInvalidDevice);
    if (props->handleTypes != cudaMemHandleTypeNone)
        return sg_return(cudaErrorNotSupported);
    cudaMemPool_t made = malloc(sizeof *made);
    if (!made)
        return sg_return(cudaErrorMemoryAllocation);
    *made = NEW_POOL(props->location.id);
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
    const bool known = valid(pool) && pool != default_pool(pool->device);
    if (known) {
        pool->destroyed = true;
        if (current[pool->device] == pool)
            current[pool->device] = default_pool(pool->device);
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
