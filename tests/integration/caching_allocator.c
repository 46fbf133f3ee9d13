/*
 * A caching allocator over cudaMalloc, as PyTorch's: segments of 2 MiB and 20 MiB, and blocks in
 * them of which libc10 (a stand-in) is told. Other parts of the program allocate by cudaMalloc
 * alone and tell libc10 of host memory. Prints what came in at libc10.
 */
#include <cuda_runtime_api.h>
#include <errno.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

#include "caching_library.h"

#define MIB ((size_t)1 << 20)

static const struct c10_device host = {0, -1}, cuda = {1, 0};
static size_t allocated, reserved;

static void tell(char *block, int64_t bytes)
{
    allocated += (size_t)bytes;
    C10_REPORT(block, bytes, allocated, reserved, cuda);
}

static char *take(size_t bytes)
{
    void *segment = NULL;
    if (cudaMalloc(&segment, bytes) != cudaSuccess)
        return NULL;
    reserved += bytes;
    return segment;
}

int main(void)
{
    void *other = NULL;
    char in_host[64];
    char *small = take(2 * MIB);
    if (!small)
        return 1;
    tell(small, 512); /* the block has the segment's address */
    C10_REPORT(in_host, sizeof in_host, 0, 0, host);
    nvtxRangePushA("step 0");
    nvtxRangePushA("forward");
    if (cudaMalloc(&other, 4096) != cudaSuccess)
        return 1;
    tell(small + 512, 1024);
    char *large = take(20 * MIB);
    if (!large)
        return 1;
    tell(large, (int64_t)(15 * MIB));
    tell(large, -(int64_t)(15 * MIB));
    tell(small + 512, -1024);
    nvtxRangePop();
    nvtxRangePop();
    C10_REPORT(in_host, -(int64_t)sizeof in_host, 0, 0, host);
    errno = 33;
    tell(small, -512);
    if (errno != 33)
        return 2;
    if (cudaFree(small) != cudaSuccess || cudaFree(large) != cudaSuccess ||
        cudaFree(other) != cudaSuccess)
        return 1;
    printf("told %u sum %lld\n", caching_told(), caching_sum());
    return 0;
}
