/* The devices, which are all the CPU, and what they say of themselves. */
#include "capture.h"
#include "current_device.h"
#include "error.h"
#include "handles.h"
#include "memory.h"
#include "pool.h"

#include <cuda_profiler_api.h>
#include <cuda_runtime_api.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Programs choose their ways by the compute capability: that of the GPUs graphprof is measured on,
 * so that they go the same way here. */
#define MAJOR 9
#define MINOR 0

#define WARP                 32
#define THREADS_PER_BLOCK    1024
#define THREADS_PER_SM       2048
#define BLOCKS_PER_SM        32
#define REGISTERS            65536
#define SHARED_PER_BLOCK     49152
#define SHARED_PER_BLOCK_MAX 232448
#define CONSTANT_BYTES       65536
#define GRID_YZ              65535
#define ALIGNMENT            512

static int processors(void)
{
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 || count > INT_MAX ? 1 : (int)count;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *prop, int device)
{
    SG_ENTER();
    if (!prop)
        return sg_return(cudaErrorInvalidValue);
    if (!sg_device_valid(device))
        return sg_return(cudaErrorInvalidDevice);
    size_t free_bytes, total_bytes;
    sg_memory_info(device, &free_bytes, &total_bytes);
    *prop = (struct cudaDeviceProp){
        .name = "softgpu (CPU)",
        .totalGlobalMem = total_bytes,
        .sharedMemPerBlock = SHARED_PER_BLOCK,
        .regsPerBlock = REGISTERS,
        .warpSize = WARP,
        .memPitch = INT_MAX,
        .maxThreadsPerBlock = THREADS_PER_BLOCK,
        .maxThreadsDim = {THREADS_PER_BLOCK, THREADS_PER_BLOCK, 64},
        .maxGridSize = {INT_MAX, GRID_YZ, GRID_YZ},
        .totalConstMem = CONSTANT_BYTES,
        .major = MAJOR,
        .minor = MINOR,
        .textureAlignment = ALIGNMENT,
        .texturePitchAlignment = WARP,
        .surfaceAlignment = ALIGNMENT,
        .multiProcessorCount = processors(),
        .integrated = 1,
        .canMapHostMemory = 1,
        .concurrentKernels = 1,
        .unifiedAddressing = 1,
        .maxThreadsPerMultiProcessor = THREADS_PER_SM,
        .maxBlocksPerMultiProcessor = BLOCKS_PER_SM,
        .regsPerMultiprocessor = REGISTERS,
        .sharedMemPerMultiprocessor = SHARED_PER_BLOCK_MAX + 1024,
        .sharedMemPerBlockOptin = SHARED_PER_BLOCK_MAX,
        .managedMemory = 1,
        .pageableMemoryAccess = 1,
        .concurrentManagedAccess = 1,
        .canUseHostPointerForRegisteredMem = 1,
        .hostRegisterSupported = 1,
        .cooperativeLaunch = 1,
        .memoryPoolsSupported = 1,
    };
    return cudaSuccess;
}

/* False: not known here, which a program is told rather than a number made up. */
static bool attribute_value(enum cudaDeviceAttr attribute, int *value)
{
    switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
    case cudaDevAttrMaxBlockDimX:
    case cudaDevAttrMaxBlockDimY:
        *value = THREADS_PER_BLOCK;
        return true;
    case cudaDevAttrMaxBlockDimZ:
        *value = 64;
        return true;
    case cudaDevAttrMaxGridDimX:
    case cudaDevAttrMaxPitch:
        *value = INT_MAX;
        return true;
    case cudaDevAttrMaxGridDimY:
    case cudaDevAttrMaxGridDimZ:
        *value = GRID_YZ;
        return true;
    case cudaDevAttrMaxSharedMemoryPerBlock:
        *value = SHARED_PER_BLOCK;
        return true;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        *value = SHARED_PER_BLOCK_MAX;
        return true;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
        *value = SHARED_PER_BLOCK_MAX + 1024;
        return true;
    case cudaDevAttrTotalConstantMemory:
        *value = CONSTANT_BYTES;
        return true;
    case cudaDevAttrWarpSize:
        *value = WARP;
        return true;
    case cudaDevAttrMaxRegistersPerBlock:
    case cudaDevAttrMaxRegistersPerMultiprocessor:
        *value = REGISTERS;
        return true;
    case cudaDevAttrMultiProcessorCount:
        *value = processors();
        return true;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
        *value = THREADS_PER_SM;
        return true;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
        *value = BLOCKS_PER_SM;
        return true;
    case cudaDevAttrComputeCapabilityMajor:
        *value = MAJOR;
        return true;
    case cudaDevAttrComputeCapabilityMinor:
        *value = MINOR;
        return true;
    case cudaDevAttrTextureAlignment:
    case cudaDevAttrSurfaceAlignment:
        *value = ALIGNMENT;
        return true;
    case cudaDevAttrIntegrated:
    case cudaDevAttrCanMapHostMemory:
    case cudaDevAttrConcurrentKernels:
    case cudaDevAttrUnifiedAddressing:
    case cudaDevAttrManagedMemory:
    case cudaDevAttrPageableMemoryAccess:
    case cudaDevAttrConcurrentManagedAccess:
    case cudaDevAttrCanUseHostPointerForRegisteredMem:
    case cudaDevAttrHostRegisterSupported:
    case cudaDevAttrCooperativeLaunch:
    case cudaDevAttrMemoryPoolsSupported:
        *value = 1;
        return true;
    case cudaDevAttrComputeMode:
    case cudaDevAttrKernelExecTimeout:
    case cudaDevAttrEccEnabled:
    case cudaDevAttrTccDriver:
    case cudaDevAttrAsyncEngineCount:
    case cudaDevAttrStreamPrioritiesSupported:
    case cudaDevAttrClusterLaunch:
    case cudaDevAttrPciBusId:
    case cudaDevAttrPciDeviceId:
    case cudaDevAttrPciDomainId:
        *value = 0;
        return true;
    default:
        return false;
    }
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attribute, int device)
{
    SG_ENTER();
    if (!sg_device_valid(device))
        return sg_return(cudaErrorInvalidDevice);
    return sg_return(value && attribute_value(attribute, value) ? cudaSuccess
                                                                : cudaErrorInvalidValue);
}

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total_bytes)
{
    SG_ENTER();
    if (!free_bytes || !total_bytes)
        return sg_return(cudaErrorInvalidValue);
    sg_memory_info(sg_device(), free_bytes, total_bytes);
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void)
{
    SG_ENTER();
    const cudaError_t error = sg_capture_forbids_waiting_for_all();
    if (error != cudaSuccess)
        return sg_return(error);
    sg_pools_synchronize(sg_device());
    return cudaSuccess;
}

cudaError_t cudaDeviceReset(void)
{
    SG_ENTER();
    sg_memory_reset(sg_device());
    sg_pools_reset(sg_device());
    for (int kind = 0; kind < SG_HANDLE_KINDS; kind++)
        sg_handles_reset((enum sg_handle_kind)kind, sg_device());
    return cudaSuccess;
}

/* The driver is as new as the runtime. Neither depends on the options: they answer always. */
cudaError_t cudaRuntimeGetVersion(int *version)
{
    if (!version)
        return sg_return(cudaErrorInvalidValue);
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version) { return cudaRuntimeGetVersion(version); }

cudaError_t cudaProfilerStart(void)
{
    SG_ENTER();
    return cudaSuccess;
}

cudaError_t cudaProfilerStop(void)
{
    SG_ENTER();
    return cudaSuccess;
}
