/*
 * A small training of STEPS steps. Bytes: one block of 4096 that stays; in a step 1000 and 2000 in
 * "forward", 3000 in "backward", so that a step's peak is 4096 + 6000; in every thousandth step,
 * from 500 on, 1000000 more, freed at once, before the others.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <stdlib.h>

static void *allocated(size_t bytes)
{
    void *memory = NULL;
    if (cudaMalloc(&memory, bytes) != cudaSuccess)
        exit(1);
    return memory;
}

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? atoi(argv[1]) : 1;
    const void *kept = allocated(4096);
    for (int step = 0; step < steps; step++) {
        char name[32];
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        if (step % 1000 == 500)
            cudaFree(allocated(1000000));
        nvtxRangePushA("forward");
        void *x = allocated(1000);
        void *y = allocated(2000);
        cudaMemset(y, 0, 2000);
        nvtxRangePop();
        nvtxRangePushA("backward");
        void *dy = allocated(3000);
        cudaMemset(dy, 0, 3000);
        cudaFree(dy);
        cudaFree(y);
        nvtxRangePop();
        cudaFree(x);
        nvtxRangePop();
    }
    return kept ? 0 : 1;
}
