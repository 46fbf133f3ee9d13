/* What the recorder itself asks the real libraries (vendor.h). */
#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <stdatomic.h>
#include <string.h>

#include "resolve.h"
#include "vendor.h"
#include "wrap_driver.h"

/* The real function, or NULL. */
#define REAL(name) ((__typeof__(&name))gp_resolve_query(GP_QUERY_##name))

bool gp_vendor_error_waits(void)
{
    __typeof__(&cudaPeekAtLastError) const peek = REAL(cudaPeekAtLastError);
    return peek && peek() != cudaSuccess;
}

/* True if the query succeeded; else its error is taken away again. */
static bool asked(cudaError_t status)
{
    __typeof__(&cudaGetLastError) const take = REAL(cudaGetLastError);
    if (status != cudaSuccess && take)
        take();
    return status == cudaSuccess;
}

int gp_vendor_current_device(void)
{
    __typeof__(&cudaGetDevice) const get = REAL(cudaGetDevice);
    int device = 0;
    if (!get)
        return gp_driver_current_device();
    return get && asked(get(&device)) ? device : 0;
}

/* A query that is not known to work might fail, and take away an error that waits for the program.
 */
static bool may_ask(const atomic_bool *worked)
{
    return atomic_load_explicit(worked, memory_order_relaxed) || !gp_vendor_error_waits();
}
static bool answered(cudaError_t status, atomic_bool *worked)
{
    const bool good = asked(status);
    if (good && !atomic_load_explicit(worked, memory_order_relaxed))
        atomic_store_explicit(worked, true, memory_order_relaxed);
    return good;
}

int gp_vendor_device_count(void)
{
    static atomic_bool worked;
    __typeof__(&cudaGetDeviceCount) const get = REAL(cudaGetDeviceCount);
    int count = 1;
    return get && may_ask(&worked) && answered(get(&count), &worked) ? count : 1;
}

int gp_vendor_stream_device(const void *stream)
{
    static atomic_bool worked;
    __typeof__(&cudaStreamGetDevice) const get = REAL(cudaStreamGetDevice);
    int device = -1;
    return get && may_ask(&worked) && answered(get((cudaStream_t)stream, &device), &worked) ? device
                                                                                            : -1;
}

int gp_vendor_memory_device(const void *address)
{
    static atomic_bool worked;
    __typeof__(&cudaPointerGetAttributes) const get = REAL(cudaPointerGetAttributes);
    struct cudaPointerAttributes attributes = {.device = -1};
    return get && may_ask(&worked) && answered(get(&attributes, address), &worked)
               ? attributes.device
               : -1;
}

bool gp_vendor_device(int device, char *name, size_t name_size, uint64_t *total_bytes)
{
    __typeof__(&cudaGetDeviceProperties) const get = REAL(cudaGetDeviceProperties);
    /* The structure is shorter or longer in runtimes of other versions; what is read stands at the
       same place in all since CUDA 10. */
    union {
        struct cudaDeviceProp of_this_version;
        char of_any_version[4096];
    } properties;
    const struct cudaDeviceProp *const known = &properties.of_this_version;
    if (!get)
        return gp_driver_device(device, name, name_size, total_bytes);
    if (gp_vendor_error_waits() || !asked(get(&properties.of_this_version, device)))
        return false;
    const size_t length = strnlen(known->name, sizeof known->name);
    const size_t kept = length < name_size ? length : name_size - 1;
    memcpy(name, known->name, kept);
    name[kept] = '\0';
    *total_bytes = known->totalGlobalMem;
    return true;
}

bool gp_vendor_bus_id(int device, char *bus, size_t bus_size)
{
    __typeof__(&cudaDeviceGetPCIBusId) const get = REAL(cudaDeviceGetPCIBusId);
    return get && !gp_vendor_error_waits() && asked(get(bus, (int)bus_size, device));
}

bool gp_vendor_memory(uint64_t *free_bytes, uint64_t *total_bytes)
{
    __typeof__(&cudaMemGetInfo) const get = REAL(cudaMemGetInfo);
    size_t free_now, total;
    if (!get)
        return gp_driver_memory(free_bytes, total_bytes);
    if (gp_vendor_error_waits() || !asked(get(&free_now, &total)))
        return false;
    *free_bytes = free_now;
    *total_bytes = total;
    return true;
}

bool gp_vendor_pool(int device, struct gp_vendor_pool *pool)
{
    __typeof__(&cudaDeviceGetDefaultMemPool) const get_pool = REAL(cudaDeviceGetDefaultMemPool);
    __typeof__(&cudaMemPoolGetAttribute) const get = REAL(cudaMemPoolGetAttribute);
    cudaMemPool_t handle;
    return get_pool && get && !gp_vendor_error_waits() && asked(get_pool(&handle, device)) &&
           asked(get(handle, cudaMemPoolAttrUsedMemCurrent, &pool->used)) &&
           asked(get(handle, cudaMemPoolAttrUsedMemHigh, &pool->used_high)) &&
           asked(get(handle, cudaMemPoolAttrReservedMemCurrent, &pool->reserved)) &&
           asked(get(handle, cudaMemPoolAttrReservedMemHigh, &pool->reserved_high));
}

bool gp_vendor_stream_graph(const void *stream, bool per_thread, uint64_t *graph)
{
    __typeof__(&cudaStreamGetCaptureInfo) const get = REAL(cudaStreamGetCaptureInfo);
    cudaStream_t asked_of = (cudaStream_t)stream;
    enum cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaGraph_t into = NULL;
    if (!asked_of && per_thread)
        asked_of = cudaStreamPerThread;
    if (!get || !asked_of || asked_of == cudaStreamLegacy || gp_vendor_error_waits() ||
        !asked(get(asked_of, &status, NULL, &into, NULL, NULL, NULL)))
        return false;
    *graph = (uintptr_t)into;
    return status != cudaStreamCaptureStatusNone;
}

int gp_vendor_cudart_version(void)
{
    __typeof__(&cudaRuntimeGetVersion) const get = REAL(cudaRuntimeGetVersion);
    int version = 0;
    return get && asked(get(&version)) ? version : 0;
}

int gp_vendor_driver_version(void)
{
    __typeof__(&cudaDriverGetVersion) const get = REAL(cudaDriverGetVersion);
    int version = 0;
    if (!get)
        return gp_driver_version();
    return asked(get(&version)) ? version : 0;
}

int gp_vendor_cudnn_version(void)
{
    __typeof__(&cudnnGetVersion) const get = REAL(cudnnGetVersion);
    return get ? (int)get() : 0;
}

int gp_vendor_cublas_version(void)
{
    __typeof__(&cublasLtGetVersion) const get = REAL(cublasLtGetVersion);
    return get ? (int)get() : 0;
}

const char *gp_vendor_kernel_name(const void *function)
{
    __typeof__(&cudaFuncGetName) const get = REAL(cudaFuncGetName);
    const char *name = NULL;
    return get && asked(get(&name, function)) ? name : NULL;
}

bool gp_vendor_kernel_parameter(const void *function, unsigned i, size_t *bytes)
{
    __typeof__(&cudaFuncGetParamInfo) const get = REAL(cudaFuncGetParamInfo);
    size_t offset;
    return get && asked(get(function, i, &offset, bytes));
}
