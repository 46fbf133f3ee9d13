/*
 * Steps of many allocations, enough of them to fill a small disk with events: 200 steps of 500
 * blocks are more than 6 MB. Writes into each block and prints what it read back.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

enum {
    STEPS = 200,
    BLOCKS = 500
};

int main(void)
{
    unsigned long sum = 0;
    char name[32];
    for (unsigned step = 0; step < STEPS; step++) {
        snprintf(name, sizeof name, "step %u", step);
        nvtxRangePushA(name);
        nvtxRangePushA("forward");
        for (unsigned i = 0; i < BLOCKS; i++) {
            unsigned *p, value = step * BLOCKS + i, back = 0;
            if (cudaMalloc((void **)&p, sizeof *p + i) != cudaSuccess ||
                cudaMemcpy(p, &value, sizeof value, cudaMemcpyHostToDevice) != cudaSuccess ||
                cudaMemcpy(&back, p, sizeof back, cudaMemcpyDeviceToHost) != cudaSuccess ||
                cudaFree(p) != cudaSuccess)
                return 1;
            sum += back;
        }
        nvtxRangePop();
        nvtxRangePop();
        if (step % 50 == 0)
            printf("step %u: %lu\n", step, sum);
    }
    printf("sum %lu\n", sum);
    return 0;
}
