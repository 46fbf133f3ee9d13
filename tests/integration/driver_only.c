/*
 * A program on the driver's functions alone: steps in which it takes each kind of memory there is,
 * and calls that fail. It ends badly if anything is not as the driver promises. `driver_only
 * forked`: in a child, before anything else.
 */
#include <cuda.h>
#include <nvtx3/nvToolsExt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB              ((size_t)1 << 20)
#define POINTER(address) ((void *)(uintptr_t)(address)) // NOLINT(performance-no-int-to-ptr)

static void check(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "driver_only: %s\n", what);
        exit(1);
    }
}
#define DONE(call)         check((call) == CUDA_SUCCESS, #call)
#define REFUSED(why, call) check((call) == (why), #call)

static const CUmemAllocationProp on_device = {.type = CU_MEM_ALLOCATION_TYPE_PINNED,
                                              .location = {.type = CU_MEM_LOCATION_TYPE_DEVICE}};
static const CUmemAccessDesc access_all = {.location = {.type = CU_MEM_LOCATION_TYPE_DEVICE},
                                           .flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE};

static void linear(void)
{
    CUdeviceptr plain, managed, ordered;
    void *host;
    nvtxRangePushA("linear");
    DONE(cuMemAlloc(&plain, 3000));
    DONE(cuMemAllocManaged(&managed, 5000, CU_MEM_ATTACH_GLOBAL));
    DONE(cuMemAllocAsync(&ordered, 7000, NULL));
    DONE(cuMemHostAlloc(&host, 11000, 0));
    DONE(cuMemsetD8(plain, 1, 3000));
    DONE(cuMemFreeHost(host));
    DONE(cuMemFreeAsync(ordered, NULL));
    DONE(cuMemFree(managed));
    DONE(cuMemFree(plain));
    nvtxRangePop();
}

/* Two handles side by side, one of them a second time elsewhere; released while they are mapped. */
static void physical(void)
{
    CUmemGenericAllocationHandle first, second, again;
    CUdeviceptr at;
    char written[4] = "abc", read[4] = "";
    nvtxRangePushA("physical");
    DONE(cuMemAddressReserve(&at, 8 * MIB, 0, 0, 0));
    DONE(cuMemCreate(&first, 2 * MIB, &on_device, 0));
    DONE(cuMemCreate(&second, 4 * MIB, &on_device, 0));
    DONE(cuMemMap(at, 2 * MIB, 0, first, 0));
    DONE(cuMemMap(at + 2 * MIB, 4 * MIB, 0, second, 0));
    DONE(cuMemMap(at + 6 * MIB, 2 * MIB, 0, first, 0));
    DONE(cuMemSetAccess(at, 8 * MIB, &access_all, 1));
    DONE(cuMemsetD8(at, 0, 6 * MIB)); /* over both */
    DONE(cuMemcpyHtoD(at, written, sizeof written));
    DONE(cuMemcpyDtoH(read, at + 6 * MIB, sizeof read));
    check(strcmp(written, read) == 0, "one handle's memory is the same at both addresses");
    DONE(cuMemRetainAllocationHandle(&again, POINTER(at))); /* a second handle of the first */
    check(again == first, "and has one handle");
    DONE(cuMemRelease(first));
    DONE(cuMemRelease(again));
    DONE(cuMemRelease(second));
    nvtxRangePushA("mapped"); /* 2 + 4 MiB still live */
    DONE(cuMemsetD8(at, 1, 6 * MIB));
    nvtxRangePop();
    DONE(cuMemUnmap(at, 6 * MIB)); /* of `second` nothing is left, of `first` its other place */
    nvtxRangePushA("elsewhere");   /* 2 MiB still live */
    DONE(cuMemsetD8(at + 6 * MIB, 1, 2 * MIB));
    nvtxRangePop();
    DONE(cuMemUnmap(at + 6 * MIB, 2 * MIB));
    DONE(cuMemAddressFree(at, 8 * MIB));
    nvtxRangePop();
}

static void refused(void)
{
    CUdeviceptr plain;
    CUmemGenericAllocationHandle handle;
    void *host = &plain;
    nvtxRangePushA("refused");
    REFUSED(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc(&plain, (size_t)1 << 45));
    REFUSED(CUDA_ERROR_OUT_OF_MEMORY, cuMemCreate(&handle, (size_t)1 << 45, &on_device, 0));
    REFUSED(CUDA_ERROR_INVALID_VALUE, cuMemCreate(&handle, 5, &on_device, 0));
    DONE(cuMemAlloc(&plain, 13000));
    REFUSED(CUDA_ERROR_INVALID_VALUE, cuMemFree(plain + 256)); /* inside, not the start */
    REFUSED(CUDA_ERROR_INVALID_VALUE, cuMemRelease(plain));
    REFUSED(CUDA_ERROR_INVALID_VALUE, cuMemUnmap(plain, 2 * MIB));
    REFUSED(CUDA_ERROR_INVALID_VALUE, cuMemFreeHost(host));
    DONE(cuMemsetD8(plain, 1, 13000));
    DONE(cuMemFree(plain));
    nvtxRangePop();
}

/* In a child of a process that has not used CUDA: the parent waits. */
static void go_on_in_child(void)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0)
        return;
    waitpid(child, &status, 0);
    exit(child < 0 || status != 0);
}

/* Whether a library of that name is in the process. */
static const char *is_loaded(const char *library)
{
    char line[4096];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps))
        found |= strstr(line, library) != NULL;
    if (maps)
        fclose(maps);
    return found ? "yes" : "no";
}

int main(int argc, char **argv)
{
    const int forked = argc > 1 && strcmp(argv[1], "forked") == 0;
    if (forked)
        go_on_in_child();
    CUdevice device;
    CUcontext context;
    CUdeviceptr kept, unready;
    size_t free_bytes, total_bytes;
    REFUSED(CUDA_ERROR_NOT_INITIALIZED, cuMemAlloc(&unready, 1));
    DONE(cuInit(0));
    DONE(cuInit(0)); /* twice is once */
    DONE(cuDeviceGet(&device, 0));
    REFUSED(CUDA_ERROR_INVALID_CONTEXT, cuMemAlloc(&unready, 1));
    DONE(cuDevicePrimaryCtxRetain(&context, device));
    DONE(cuCtxSetCurrent(context));
    DONE(cuMemAlloc(&kept, 17000)); /* before the first step */
    for (int step = 0; step < 4; step++) {
        nvtxRangePushA("step");
        linear();
        physical();
        refused();
        nvtxRangePop();
    }
    DONE(cuMemGetInfo(&free_bytes, &total_bytes));
    printf("in use at the end: %zu\n", total_bytes - free_bytes); /* with the pool's reserve */
    DONE(cuMemFree(kept));
    if (forked)
        printf("CUPTI is loaded: %s\n", is_loaded("libcupti"));
    return 0;
}
