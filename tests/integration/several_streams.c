/*
 * Stream-ordered memory that is made in one stream, used in a second and freed in a third, each
 * behind an event of the one before; the second block is freed by another thread.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <pthread.h>
#include <stdio.h>

enum {
    STEPS = 4,
    FIRST = 3000,
    NEXT = 500
};

static cudaStream_t making, using, ending;
static cudaEvent_t event;
static int failed;

static void must(cudaError_t status) { failed += status != cudaSuccess; }
static void order(cudaStream_t before, cudaStream_t behind)
{
    must(cudaEventRecord(event, before));
    must(cudaStreamWaitEvent(behind, event, 0));
}

static void *end(void *block)
{
    nvtxRangePushA("other_thread");
    must(cudaFreeAsync(block, ending));
    nvtxRangePop();
    return NULL;
}

static int step(void)
{
    void *first = NULL, *next = NULL;
    pthread_t thread;
    nvtxRangePushA("make");
    must(cudaMallocAsync(&first, FIRST, making));
    nvtxRangePop();
    nvtxRangePushA("use");
    order(making, using);
    must(cudaMemsetAsync(first, 0, FIRST, using));
    nvtxRangePop();
    nvtxRangePushA("end");
    order(using, ending);
    must(cudaFreeAsync(first, ending));
    nvtxRangePop();
    nvtxRangePushA("next");
    must(cudaMallocAsync(&next, NEXT, making));
    nvtxRangePop();
    if (pthread_create(&thread, NULL, end, next) != 0)
        return 1;
    pthread_join(thread, NULL);
    return 0;
}

int main(void)
{
    must(cudaStreamCreate(&making));
    must(cudaStreamCreate(&using));
    must(cudaStreamCreate(&ending));
    must(cudaEventCreate(&event));
    for (int i = 0; i < STEPS && !failed; i++) {
        nvtxRangePushA("step");
        failed += step();
        nvtxRangePop();
    }
    printf("%d failures\n", failed);
    return failed != 0;
}
