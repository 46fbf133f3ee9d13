/* The driver begins, and brings in a tool if the environment names one; the device and its context.
 */
#include "driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CUctx_st {
    int device;
};
static struct CUctx_st primary;
static _Thread_local CUcontext current;

static atomic_bool initialized;

/* As the vendor's: the tool's function is called inside cuInit, which has not succeeded yet. */
static void bring_in_tool(void)
{
    const char *path = getenv("CUDA_INJECTION64_PATH");
    int (*begin)(void) = NULL;
    if (!path || !*path)
        return;
    void *tool = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (tool)
        *(void **)&begin = dlsym(tool, "InitializeInjection");
    if (begin)
        begin();
}

static void begin(void)
{
    if (!runtime_find())
        return;
    bring_in_tool();
    atomic_store(&initialized, true);
}

CUresult cuInit(unsigned flags)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (flags != 0)
        return CUDA_ERROR_INVALID_VALUE;
    pthread_once(&once, begin);
    return atomic_load(&initialized) ? CUDA_SUCCESS : CUDA_ERROR_NOT_INITIALIZED;
}

static CUresult asked(int ordinal, const void *answer)
{
    if (!atomic_load(&initialized))
        return CUDA_ERROR_NOT_INITIALIZED;
    if (ordinal != 0)
        return CUDA_ERROR_INVALID_DEVICE;
    return answer ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult driver_ready(void)
{
    if (!atomic_load(&initialized))
        return CUDA_ERROR_NOT_INITIALIZED;
    return current ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult cuDriverGetVersion(int *version)
{
    if (!version)
        return CUDA_ERROR_INVALID_VALUE;
    *version = CUDA_VERSION;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int *count)
{
    const CUresult status = asked(0, count);
    if (status == CUDA_SUCCESS)
        *count = 1;
    return status;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal)
{
    const CUresult status = asked(ordinal, device);
    if (status == CUDA_SUCCESS)
        *device = 0;
    return status;
}

CUresult cuDeviceGetName(char *name, int size, CUdevice device)
{
    const CUresult status = asked(device, size > 0 ? name : NULL);
    if (status == CUDA_SUCCESS)
        snprintf(name, (size_t)size, "softgpu (CPU)");
    return status;
}

CUresult cuDeviceTotalMem(size_t *bytes, CUdevice device)
{
    size_t free_bytes;
    const CUresult status = asked(device, bytes);
    return status == CUDA_SUCCESS ? driver_status(runtime.cudaMemGetInfo(&free_bytes, bytes))
                                  : status;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device)
{
    const CUresult status = asked(device, context);
    if (status == CUDA_SUCCESS)
        *context = &primary;
    return status;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice device) { return asked(device, &primary); }

CUresult cuCtxSetCurrent(CUcontext context)
{
    if (!atomic_load(&initialized))
        return CUDA_ERROR_NOT_INITIALIZED;
    if (context && context != &primary)
        return CUDA_ERROR_INVALID_CONTEXT;
    current = context;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *context)
{
    const CUresult status = asked(0, context);
    if (status == CUDA_SUCCESS)
        *context = current;
    return status;
}

CUresult cuCtxGetDevice(CUdevice *device)
{
    DRIVER_ENTER();
    return cuDeviceGet(device, primary.device);
}
