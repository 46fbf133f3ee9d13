/*
 * Its constructor runs before the recorder's and its destructor after: the recorder is loaded ahead
 * of it, and a library's dependencies come first at the start and last at the end. NVTX looks for a
 * tool at a library's first call of it: the recorder is there once it has seen a CUDA call.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

static void *early;

int early_late(void);
int early_late(void) { return early != NULL; }

__attribute__((constructor)) static void begin(void)
{
    if (cudaMalloc(&early, 4321) != cudaSuccess)
        early = NULL;
    nvtxRangePushA("early");
    nvtxRangePop();
}

__attribute__((destructor)) static void end(void)
{
    void *late;
    int failed = cudaFree(early) != cudaSuccess;
    nvtxRangePushA("late");
    failed += cudaMalloc(&late, 1234) != cudaSuccess || cudaFree(late) != cudaSuccess;
    nvtxRangePop();
    printf("late: %d failures\n", failed);
    fflush(stdout);
}
