/* A training loop whose steps have work inside a range and outside any. */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

static int work(size_t bytes)
{
    void *p;
    return cudaMalloc(&p, bytes) != cudaSuccess || cudaMemset(p, 1, bytes) != cudaSuccess ||
           cudaFree(p) != cudaSuccess;
}

int main(void)
{
    int failed = 0;
    char name[32];
    for (int step = 0; step < 4; step++) {
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        failed += work(3000); /* in the step, in no node's range */
        nvtxRangePushA("inside");
        failed += work(2000);
        nvtxRangePop();
        nvtxRangePop();
        failed += work(7000); /* between steps */
    }
    return failed;
}
