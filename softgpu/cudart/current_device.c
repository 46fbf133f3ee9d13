#include "current_device.h"

#include "error.h"

static _Thread_local int current;

int sg_device(void) { return current; }

bool sg_device_valid(int device) { return device >= 0 && device < sg_options()->devices; }

cudaError_t cudaGetDeviceCount(int *count)
{
    SG_ENTER();
    if (!count)
        return sg_return(cudaErrorInvalidValue);
    *count = sg_options()->devices;
    return cudaSuccess;
}

cudaError_t cudaGetDevice(int *device)
{
    SG_ENTER();
    if (!device)
        return sg_return(cudaErrorInvalidValue);
    *device = current;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    SG_ENTER();
    if (!sg_device_valid(device))
        return sg_return(cudaErrorInvalidDevice);
    current = device;
    return cudaSuccess;
}
