/*
 * 64 threads at a time, in four generations; each makes and ends its blocks with a range around
 * them and exits while the others go on. Prints how many blocks there were.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <pthread.h>
#include <stdio.h>

enum {
    THREADS = 64,
    GENERATIONS = 4,
    ROUNDS = 50,
    LIVE = 8
};

static void *work(void *argument)
{
    const size_t base = *(const size_t *)argument;
    size_t *const failed = argument;
    void *blocks[LIVE];
    *failed = 0;
    for (int round = 0; round < ROUNDS + (int)(base % 7); round++) {
        nvtxRangePushA("work");
        for (size_t i = 0; i < LIVE; i++)
            *failed += (i % 2 ? cudaMalloc(&blocks[i], base + i)
                              : cudaMallocAsync(&blocks[i], base + i, 0)) != cudaSuccess;
        for (size_t i = 0; i < LIVE; i++)
            *failed += (i % 2 ? cudaFree(blocks[i]) : cudaFreeAsync(blocks[i], 0)) != cudaSuccess;
        nvtxRangePop();
    }
    return NULL;
}

int main(void)
{
    size_t total = 0, failed = 0;
    for (int generation = 0; generation < GENERATIONS; generation++) {
        pthread_t threads[THREADS];
        size_t arguments[THREADS];
        for (size_t i = 0; i < THREADS; i++) {
            arguments[i] = 1000 + i;
            total += LIVE * (ROUNDS + (1000 + i) % 7);
            if (pthread_create(&threads[i], NULL, work, &arguments[i]) != 0)
                return 1;
        }
        for (size_t i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            failed += arguments[i];
        }
    }
    printf("%zu blocks, %zu failures\n", total, failed);
    return failed != 0;
}
