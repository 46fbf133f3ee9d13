/* A node that returns two device buffers and a scalar on the host; the next step frees them. */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

enum {
    VALUES_BYTES = 4096,
    INDICES_BYTES = 1000,
    SCRATCH_BYTES = 12288
};

struct outputs {
    void *values, *indices;
    float scalar;
};

static int top_values(struct outputs *out)
{
    void *scratch = NULL;
    out->scalar = 0.5f;
    return cudaMalloc(&scratch, SCRATCH_BYTES) != cudaSuccess ||
           cudaMalloc(&out->values, VALUES_BYTES) != cudaSuccess ||
           cudaMalloc(&out->indices, INDICES_BYTES) != cudaSuccess ||
           cudaMemset(out->values, 0, VALUES_BYTES) != cudaSuccess ||
           cudaMemset(out->indices, 0, INDICES_BYTES) != cudaSuccess ||
           cudaFree(scratch) != cudaSuccess;
}

int main(void)
{
    struct outputs out = {0};
    char name[32];
    int failed = 0;
    for (int step = 0; step < 4; step++) {
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        nvtxRangePushA("forward");
        nvtxRangePushA("top_values");
        failed += top_values(&out);
        nvtxRangePop();
        nvtxRangePop();
        failed += cudaFree(out.values) != cudaSuccess || cudaFree(out.indices) != cudaSuccess;
        nvtxRangePop();
    }
    return failed;
}
