/* Linear memory: the runtime's, which tells CUPTI of it under the driver's names. Copies and fills.
 */
#include "driver.h"

#define POINTER(address) ((void *)(uintptr_t)(address)) // NOLINT(performance-no-int-to-ptr)

CUresult cuMemGetInfo(size_t *free_bytes, size_t *total_bytes)
{
    DRIVER_ENTER();
    return driver_status(runtime.cudaMemGetInfo(free_bytes, total_bytes));
}

/* Unlike the runtime, the driver gives out no memory of no bytes. */
CUresult cuMemAlloc(CUdeviceptr *address, size_t bytes)
{
    DRIVER_ENTER();
    return bytes ? driver_status(runtime.cudaMalloc((void **)address, bytes))
                 : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemAllocManaged(CUdeviceptr *address, size_t bytes, unsigned flags)
{
    DRIVER_ENTER();
    return driver_status(runtime.cudaMallocManaged((void **)address, bytes, flags));
}

CUresult cuMemFree(CUdeviceptr address)
{
    DRIVER_ENTER();
    return driver_status(runtime.cudaFree(POINTER(address)));
}

CUresult cuMemAllocAsync(CUdeviceptr *address, size_t bytes, CUstream stream)
{
    DRIVER_ENTER();
    return bytes ? driver_status(runtime.cudaMallocAsync((void **)address, bytes, stream))
                 : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream)
{
    DRIVER_ENTER();
    return driver_status(runtime.cudaFreeAsync(POINTER(address), stream));
}

CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned flags)
{
    DRIVER_ENTER();
    return bytes ? driver_status(runtime.cudaHostAlloc(address, bytes, flags))
                 : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemFreeHost(void *address)
{
    DRIVER_ENTER();
    return driver_status(runtime.cudaFreeHost(address));
}

CUresult cuMemsetD8(CUdeviceptr to, unsigned char value, size_t bytes)
{
    DRIVER_ENTER();
    return driver_status(runtime.cudaMemset(POINTER(to), value, bytes));
}

CUresult cuMemcpyHtoD(CUdeviceptr to, const void *from, size_t bytes)
{
    DRIVER_ENTER();
    return driver_status(runtime.cudaMemcpy(POINTER(to), from, bytes, cudaMemcpyHostToDevice));
}

CUresult cuMemcpyDtoH(void *to, CUdeviceptr from, size_t bytes)
{
    DRIVER_ENTER();
    return driver_status(runtime.cudaMemcpy(to, POINTER(from), bytes, cudaMemcpyDeviceToHost));
}
