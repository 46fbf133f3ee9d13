#include "wrap_driver.h"

#include <cuda.h>

#include <limits.h>

#include "resolve.h"
#include "vendor.h"

/* A function of the driver's, under the name that it has in the library; NULL if that is not
 * loaded. */
static void *find(const char *name)
{
    void *driver = gp_resolve_open("libcuda.so.1", false);
    return driver ? gp_resolve_in(driver, name) : NULL;
}
#define DRIVER(name) ((__typeof__(&(name)))find(#name))

bool gp_vendor_has_context(void)
{
    __typeof__(&cuCtxGetCurrent) const get = DRIVER(cuCtxGetCurrent);
    CUcontext context = NULL;
    return get && get(&context) == CUDA_SUCCESS && context;
}

int gp_driver_current_device(void)
{
    __typeof__(&cuCtxGetDevice) const get = DRIVER(cuCtxGetDevice);
    CUdevice device = 0;
    return get && get(&device) == CUDA_SUCCESS ? device : 0;
}

bool gp_driver_device(int device, char *name, size_t name_size, uint64_t *total_bytes)
{
    __typeof__(&cuDeviceGet) const get = DRIVER(cuDeviceGet);
    __typeof__(&cuDeviceGetName) const get_name = DRIVER(cuDeviceGetName);
    __typeof__(&cuDeviceTotalMem_v2) const get_bytes = DRIVER(cuDeviceTotalMem_v2);
    CUdevice handle = 0;
    size_t bytes = 0;
    if (!get || !get_name || !get_bytes || name_size > INT_MAX ||
        get(&handle, device) != CUDA_SUCCESS ||
        get_name(name, (int)name_size, handle) != CUDA_SUCCESS ||
        get_bytes(&bytes, handle) != CUDA_SUCCESS)
        return false;
    *total_bytes = bytes;
    return true;
}

bool gp_driver_memory(uint64_t *free_bytes, uint64_t *total_bytes)
{
    __typeof__(&cuMemGetInfo_v2) const get = DRIVER(cuMemGetInfo_v2);
    size_t free_now, total;
    if (!get || !gp_vendor_has_context() || get(&free_now, &total) != CUDA_SUCCESS)
        return false;
    *free_bytes = free_now;
    *total_bytes = total;
    return true;
}

int gp_driver_version(void)
{
    __typeof__(&cuDriverGetVersion) const get = DRIVER(cuDriverGetVersion);
    int version = 0;
    return get && get(&version) == CUDA_SUCCESS ? version : 0;
}
