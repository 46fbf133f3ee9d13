/*
 * Its constructor runs before the recorder's and its destructor after: the recorder is loaded ahead
 * of it, and a library's dependencies come first at the start and last at the end. Its mark comes
 * before any CUDA call if EARLY_LATE is set: NVTX then looks for a tool before the recorder was
 * there.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <stdlib.h>

static void *early;

int early_late(void);
int early_late(void) { return early != NULL; }

__attribute__((constructor)) static void begin(void)
{
    if (getenv("EARLY_LATE"))
        nvtxMarkA("first");
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
