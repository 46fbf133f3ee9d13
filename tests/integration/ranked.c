/*
 * A rank of a parallel job, as far as the recorder sees one: ranked BYTES [extra]. Each step makes
 * a block of BYTES in forward and one of 600 in backward; with `extra` a block of 50 between them.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdlib.h>

enum {
    STEPS = 4,
    BACKWARD = 600,
    EXTRA = 50
};

static int step(size_t bytes, int extra)
{
    void *kept, *block;
    int failed = 0;
    nvtxRangePushA("forward");
    failed += cudaMalloc(&kept, bytes) != cudaSuccess;
    nvtxRangePop();
    if (extra) {
        nvtxRangePushA("extra");
        failed += cudaMalloc(&block, EXTRA) != cudaSuccess || cudaFree(block) != cudaSuccess;
        nvtxRangePop();
    }
    nvtxRangePushA("backward");
    failed += cudaMalloc(&block, BACKWARD) != cudaSuccess || cudaFree(block) != cudaSuccess;
    failed += cudaFree(kept) != cudaSuccess;
    nvtxRangePop();
    return failed;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;
    for (int i = 0; i < STEPS && !failed; i++) {
        nvtxRangePushA("step");
        failed += step(strtoul(argv[1], NULL, 10), argc > 2);
        nvtxRangePop();
    }
    return failed;
}
