/* Four steps; GRAPHPROF_STEPS=1-2 is set by the test. */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

#include "check.h"

static void step(int number)
{
    char name[16];
    void *memory = NULL;
    snprintf(name, sizeof name, "step %d", number);
    check(nvtxRangePushA(name) == 0, "nvtxRangePushA");
    check(nvtxRangePushA("forward") == 1, "nvtxRangePushA");
    check(cudaMalloc(&memory, 100 + (size_t)number) == cudaSuccess, "cudaMalloc");
    check(cudaMemset(memory, 0, 10) == cudaSuccess, "cudaMemset");
    nvtxMarkA("in the step");
    check(nvtxRangePop() == 1, "nvtxRangePop");
    check(cudaFree(memory) == cudaSuccess, "cudaFree");
    check(nvtxRangePop() == 0, "nvtxRangePop");
}

int main(void)
{
    void *memory = NULL;
    check(cudaMalloc(&memory, 50) == cudaSuccess, "cudaMalloc");
    check(cudaMemset(memory, 0, 50) == cudaSuccess, "cudaMemset");
    for (int i = 0; i < 4; i++)
        step(i);
    check(cudaDeviceSynchronize() == cudaSuccess, "cudaDeviceSynchronize");
    return checked();
}
