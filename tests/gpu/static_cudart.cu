/* Linked to cudart as nvcc does unless told otherwise: statically. 64 MiB live all along, 32 MiB
   more in each of four steps, and one allocation that fails. */
#include <cuda_runtime.h>
#include <nvtx3/nvToolsExt.h>
#include <cstdio>
#include <cstdlib>

__global__ void fill(float *values, int n)
{
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        values[i] = 1;
}

static void check(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "static_cudart: %s\n", what);
        exit(1);
    }
}

int main()
{
    const size_t mib = 1 << 20;
    float *kept, *passing;
    void *none;
    check(cudaMalloc(&kept, 64 * mib) == cudaSuccess, "cudaMalloc");
    for (int step = 0; step < 4; step++) {
        nvtxRangePushA("step");
        nvtxRangePushA("node");
        check(cudaMalloc(&passing, 32 * mib) == cudaSuccess, "cudaMalloc");
        fill<<<64, 256>>>(passing, 8 * mib);
        check(cudaDeviceSynchronize() == cudaSuccess, "fill");
        check(cudaMalloc(&none, size_t(1) << 45) == cudaErrorMemoryAllocation, "too much");
        cudaGetLastError();
        check(cudaFree(passing) == cudaSuccess, "cudaFree");
        nvtxRangePop();
        nvtxRangePop();
    }
    return cudaFree(kept) != cudaSuccess;
}
