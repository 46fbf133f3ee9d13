/*
 * Memory on two devices, each freed while the other is current. Stream-ordered memory comes from
 * the stream's device or the pool that is named, not from the device that happens to be current.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

enum {
    STEPS = 4,
    ON_FIRST = 1000,
    ON_SECOND = 300,
    IN_STREAM = 70,
    IN_POOL = 40
};

static int failed;

static void must(cudaError_t status) { failed += status != cudaSuccess; }

static void step(cudaStream_t of_second, cudaMemPool_t pool_of_second)
{
    void *on_first, *on_second, *in_stream, *in_pool;
    must(cudaSetDevice(0));
    nvtxRangePushA("first");
    must(cudaMalloc(&on_first, ON_FIRST));
    nvtxRangePop();
    must(cudaSetDevice(1));
    nvtxRangePushA("second");
    must(cudaMalloc(&on_second, ON_SECOND));
    nvtxRangePop();
    nvtxRangePushA("across");
    must(cudaFree(on_first)); /* the second is current */
    must(cudaSetDevice(0));
    must(cudaMallocAsync(&in_stream, IN_STREAM, of_second));
    must(cudaMallocFromPoolAsync(&in_pool, IN_POOL, pool_of_second, 0));
    nvtxRangePop();
    nvtxRangePushA("drop");
    must(cudaFree(on_second)); /* the first is */
    must(cudaFreeAsync(in_stream, of_second));
    must(cudaFreeAsync(in_pool, of_second));
    nvtxRangePop();
}

int main(void)
{
    cudaStream_t stream;
    cudaMemPool_t pool;
    must(cudaSetDevice(1));
    must(cudaStreamCreate(&stream));
    must(cudaDeviceGetDefaultMemPool(&pool, 1));
    for (int i = 0; i < STEPS && !failed; i++) {
        nvtxRangePushA("step");
        step(stream, pool);
        nvtxRangePop();
    }
    printf("%d failures\n", failed);
    return failed != 0;
}
