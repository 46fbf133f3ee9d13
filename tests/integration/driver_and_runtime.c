/*
 * A program that takes memory by both APIs: each frees what the other gave out, and the runtime
 * works on physical memory that the driver has mapped.
 */
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MIB              ((size_t)1 << 20)
#define POINTER(address) ((void *)(uintptr_t)(address)) // NOLINT(performance-no-int-to-ptr)

static void check(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "driver_and_runtime: %s\n", what);
        exit(1);
    }
}
#define DONE(call) check((call) == 0, #call)

static const CUmemAllocationProp on_device = {.type = CU_MEM_ALLOCATION_TYPE_PINNED,
                                              .location = {.type = CU_MEM_LOCATION_TYPE_DEVICE}};
static const CUmemAccessDesc access_all = {.location = {.type = CU_MEM_LOCATION_TYPE_DEVICE},
                                           .flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE};

static void crossed(void)
{
    void *by_runtime, *pinned;
    CUdeviceptr by_driver;
    nvtxRangePushA("crossed");
    DONE(cudaMalloc(&by_runtime, 3000));
    DONE(cudaMallocHost(&pinned, 7000));
    DONE(cuMemAlloc(&by_driver, 5000));
    DONE(cudaMemset(POINTER(by_driver), 1, 5000));
    DONE(cuMemsetD8((uintptr_t)by_runtime, 1, 3000));
    DONE(cuMemFree((uintptr_t)by_runtime));
    DONE(cudaFree(POINTER(by_driver)));
    DONE(cuMemFreeHost(pinned));
    nvtxRangePop();
}

/* A segment that grows, as PyTorch's with expandable_segments. */
static void mapped(CUdeviceptr at, CUmemGenericAllocationHandle *handles)
{
    for (size_t i = 0; i < 2; i++) {
        DONE(cuMemCreate(&handles[i], 2 * MIB, &on_device, 0));
        DONE(cuMemMap(at + i * 2 * MIB, 2 * MIB, 0, handles[i], 0));
        DONE(cuMemSetAccess(at + i * 2 * MIB, 2 * MIB, &access_all, 1));
    }
}

static void unmapped(CUdeviceptr at, const CUmemGenericAllocationHandle *handles)
{
    for (size_t i = 0; i < 2; i++) {
        DONE(cuMemUnmap(at + i * 2 * MIB, 2 * MIB));
        DONE(cuMemRelease(handles[i]));
    }
}

int main(void)
{
    CUmemGenericAllocationHandle handles[2];
    CUdeviceptr at;
    CUcontext context;
    void *first;
    DONE(cudaMalloc(&first, 11000)); /* initialises the driver, on a GPU */
    DONE(cuInit(0));
    DONE(cuDevicePrimaryCtxRetain(&context, 0));
    DONE(cuCtxSetCurrent(context));
    DONE(cuMemAddressReserve(&at, 4 * MIB, 0, 0, 0));
    for (int step = 0; step < 3; step++) {
        nvtxRangePushA("step");
        crossed();
        nvtxRangePushA("segment");
        mapped(at, handles);
        nvtxRangePop();
        nvtxRangePushA("use");
        DONE(cudaMemset(POINTER(at + 3 * MIB), 0, MIB)); /* inside the second handle's */
        nvtxRangePop();
        nvtxRangePushA("release");
        unmapped(at, handles);
        nvtxRangePop();
        nvtxRangePop();
    }
    DONE(cudaFree(first));
    return 0;
}
