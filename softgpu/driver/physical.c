/*
 * Physical memory and where it is mapped: a file in memory for each handle, mapped over reserved
 * addresses. A handle's memory lives until it is released as often as it was made or retained and
 * mapped nowhere. It is accessible where it is mapped, whatever cuMemSetAccess says.
 */
#include "driver.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <unistd.h>

#define GRANULARITY      ((size_t)2 << 20)
#define POINTER(address) ((void *)(uintptr_t)(address)) // NOLINT(performance-no-int-to-ptr)

struct physical {
    size_t bytes;
    int file;
    unsigned handles; /* releases to come */
    unsigned mapped;
    LIST_ENTRY(physical) others;
};

struct mapping {
    CUdeviceptr address;
    size_t bytes;
    struct physical *of;
    LIST_ENTRY(mapping) others;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what stands below */
static LIST_HEAD(physical_list, physical) all = LIST_HEAD_INITIALIZER(all);
static LIST_HEAD(mapping_list, mapping) mappings = LIST_HEAD_INITIALIZER(mappings);

/* With the lock held. */
static struct physical *find(CUmemGenericAllocationHandle handle)
{
    struct physical *physical = LIST_FIRST(&all);
    while (physical && (uintptr_t)physical != handle)
        physical = LIST_NEXT(physical, others);
    return physical;
}

static void end_if_unused(struct physical *physical)
{
    if (physical->handles || physical->mapped)
        return;
    LIST_REMOVE(physical, others);
    close(physical->file);
    runtime.__cudaSoftgpuDischarge(physical->bytes);
    free(physical);
}

static bool maps_whole(CUdeviceptr address, size_t bytes, bool remove)
{
    struct mapping *mapping = LIST_FIRST(&mappings);
    size_t covered = 0;
    while (mapping) {
        struct mapping *const next = LIST_NEXT(mapping, others);
        if (mapping->address - address < bytes) {
            covered += mapping->bytes;
            if (remove) {
                runtime.__cudaSoftgpuUnmap(POINTER(mapping->address));
                mapping->of->mapped--;
                end_if_unused(mapping->of);
                LIST_REMOVE(mapping, others);
                free(mapping);
            }
        }
        mapping = next;
    }
    return covered == bytes;
}
/* From here on it is not. */

static CUresult ended(struct softgpu_memory *memory, CUresult status)
{
    memory->failed = status != CUDA_SUCCESS;
    runtime.__cudaSoftgpuTell(memory, true);
    return status;
}

CUresult cuMemGetAllocationGranularity(size_t *bytes, const CUmemAllocationProp *prop,
                                       CUmemAllocationGranularity_flags option)
{
    DRIVER_ENTER();
    (void)option;
    if (!bytes || !prop)
        return CUDA_ERROR_INVALID_VALUE;
    *bytes = GRANULARITY;
    return CUDA_SUCCESS;
}

static CUresult create(CUmemGenericAllocationHandle *handle, size_t bytes,
                       const CUmemAllocationProp *prop)
{
    if (!handle || !prop || prop->location.type != CU_MEM_LOCATION_TYPE_DEVICE || bytes == 0 ||
        bytes % GRANULARITY)
        return CUDA_ERROR_INVALID_VALUE;
    const int file = memfd_create("softgpu", MFD_CLOEXEC);
    struct physical *const made = calloc(1, sizeof *made);
    if (file < 0 || !made || ftruncate(file, (off_t)bytes) != 0 ||
        !runtime.__cudaSoftgpuCharge(bytes)) {
        if (file >= 0)
            close(file);
        free(made);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    *made = (struct physical){.bytes = bytes, .file = file, .handles = 1};
    pthread_mutex_lock(&lock);
    LIST_INSERT_HEAD(&all, made, others);
    pthread_mutex_unlock(&lock);
    *handle = (uintptr_t)made;
    return CUDA_SUCCESS;
}

CUresult cuMemCreate(CUmemGenericAllocationHandle *handle, size_t bytes,
                     const CUmemAllocationProp *prop, unsigned long long flags)
{
    DRIVER_ENTER();
    (void)flags;
    struct softgpu_memory memory = {.kind = SOFTGPU_CREATE, .bytes = bytes};
    runtime.__cudaSoftgpuTell(&memory, false);
    const CUresult status = create(handle, bytes, prop);
    if (status == CUDA_SUCCESS)
        memory.handle = *handle;
    return ended(&memory, status);
}

CUresult cuMemRelease(CUmemGenericAllocationHandle handle)
{
    DRIVER_ENTER();
    struct softgpu_memory memory = {.kind = SOFTGPU_RELEASE, .handle = handle};
    runtime.__cudaSoftgpuTell(&memory, false);
    pthread_mutex_lock(&lock);
    struct physical *const physical = find(handle);
    const bool held = physical && physical->handles;
    if (held) {
        physical->handles--;
        end_if_unused(physical);
    }
    pthread_mutex_unlock(&lock);
    return ended(&memory, held ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}

CUresult cuMemRetainAllocationHandle(CUmemGenericAllocationHandle *handle, void *address)
{
    DRIVER_ENTER();
    struct softgpu_memory memory = {.kind = SOFTGPU_RETAIN, .address = (uintptr_t)address};
    runtime.__cudaSoftgpuTell(&memory, false);
    pthread_mutex_lock(&lock);
    struct mapping *mapping = LIST_FIRST(&mappings);
    while (mapping && (uintptr_t)address - mapping->address >= mapping->bytes)
        mapping = LIST_NEXT(mapping, others);
    if (mapping && handle) {
        mapping->of->handles++;
        *handle = memory.handle = (uintptr_t)mapping->of;
    }
    pthread_mutex_unlock(&lock);
    return ended(&memory, memory.handle ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}

/* Aligned to the granularity. */
CUresult cuMemAddressReserve(CUdeviceptr *address, size_t bytes, size_t alignment, CUdeviceptr hint,
                             unsigned long long flags)
{
    DRIVER_ENTER();
    (void)hint, (void)flags;
    if (!address || bytes == 0 || bytes % GRANULARITY || alignment > GRANULARITY)
        return CUDA_ERROR_INVALID_VALUE;
    char *const all_of_it = mmap(NULL, bytes + GRANULARITY, PROT_NONE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all_of_it == MAP_FAILED)
        return CUDA_ERROR_OUT_OF_MEMORY;
    char *const aligned = all_of_it + (GRANULARITY - (uintptr_t)all_of_it % GRANULARITY);
    munmap(all_of_it, (size_t)(aligned - all_of_it));
    if (aligned + bytes < all_of_it + bytes + GRANULARITY)
        munmap(aligned + bytes, (size_t)(all_of_it + GRANULARITY - aligned));
    *address = (uintptr_t)aligned;
    return CUDA_SUCCESS;
}

CUresult cuMemAddressFree(CUdeviceptr address, size_t bytes)
{
    DRIVER_ENTER();
    return munmap(POINTER(address), bytes) == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult map(CUdeviceptr address, size_t bytes, CUmemGenericAllocationHandle handle)
{
    struct mapping *const made = calloc(1, sizeof *made);
    if (!made)
        return CUDA_ERROR_OUT_OF_MEMORY;
    pthread_mutex_lock(&lock);
    struct physical *const physical = find(handle);
    /* The same address twice is refused. */
    const bool done = physical && bytes && bytes <= physical->bytes &&
                      runtime.__cudaSoftgpuMap(POINTER(address), bytes) &&
                      mmap(POINTER(address), bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                           physical->file, 0) != MAP_FAILED;
    if (done) {
        *made = (struct mapping){.address = address, .bytes = bytes, .of = physical};
        physical->mapped++;
        LIST_INSERT_HEAD(&mappings, made, others);
    }
    pthread_mutex_unlock(&lock);
    if (!done)
        free(made);
    return done ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemMap(CUdeviceptr address, size_t bytes, size_t offset,
                  CUmemGenericAllocationHandle handle, unsigned long long flags)
{
    DRIVER_ENTER();
    struct softgpu_memory memory = {
        .kind = SOFTGPU_MAP, .address = address, .bytes = bytes, .handle = handle};
    runtime.__cudaSoftgpuTell(&memory, false);
    return ended(&memory, offset == 0 && flags == 0 ? map(address, bytes, handle)
                                                    : CUDA_ERROR_INVALID_VALUE);
}

CUresult cuMemSetAccess(CUdeviceptr address, size_t bytes, const CUmemAccessDesc *access,
                        size_t count)
{
    DRIVER_ENTER();
    pthread_mutex_lock(&lock);
    const bool mapped = maps_whole(address, bytes, false);
    pthread_mutex_unlock(&lock);
    return mapped && access && count == 1 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

/* Of one or several mappings, each whole. */
CUresult cuMemUnmap(CUdeviceptr address, size_t bytes)
{
    DRIVER_ENTER();
    struct softgpu_memory memory = {.kind = SOFTGPU_UNMAP, .address = address, .bytes = bytes};
    runtime.__cudaSoftgpuTell(&memory, false);
    pthread_mutex_lock(&lock);
    const bool whole = bytes && maps_whole(address, bytes, false);
    if (whole) {
        maps_whole(address, bytes, true);
        (void)mmap(POINTER(address), bytes, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    }
    pthread_mutex_unlock(&lock);
    return ended(&memory, whole ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}
