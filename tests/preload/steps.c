/* Four steps; GRAPHPROF_STEPS=1-2 is set by the test. */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

static int failures;

static void step(int number)
{
    char name[16];
    void *memory = NULL;
    snprintf(name, sizeof name, "step %d", number);
    failures += nvtxRangePushA(name) != 0;
    failures += nvtxRangePushA("forward") != 1;
    failures += cudaMalloc(&memory, 100 + (size_t)number) != cudaSuccess;
    failures += cudaMemset(memory, 0, 10) != cudaSuccess;
    nvtxMarkA("in the step");
    failures += nvtxRangePop() != 1;
    failures += cudaFree(memory) != cudaSuccess;
    failures += nvtxRangePop() != 0;
}

int main(void)
{
    void *memory = NULL;
    failures += cudaMalloc(&memory, 50) != cudaSuccess;
    failures += cudaMemset(memory, 0, 50) != cudaSuccess;
    for (int i = 0; i < 4; i++)
        step(i);
    failures += cudaDeviceSynchronize() != cudaSuccess;
    puts(failures ? "failed" : "done");
    return failures != 0;
}
