/*
 * STEPS steps in which four threads allocate side by side, thread i blocks of (i + 1) * 300000
 * bytes: two that it frees again, the second of them in the next thread's place, and one that it
 * keeps until its next step. At the end 4 blocks are live: 300000 + 600000 + 900000 + 1200000 =
 * 3000000 bytes. usage: long_threads STEPS
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4

static pthread_barrier_t barrier;
static int steps;
static void *handed[THREADS];

static void *allocated(size_t bytes)
{
    void *memory = NULL;
    if (cudaMalloc(&memory, bytes) != cudaSuccess)
        exit(1);
    return memory;
}

static void *work(void *number)
{
    const size_t i = *(const size_t *)number, bytes = (i + 1) * 300000;
    void *kept = NULL;
    for (int step = 0; step < steps; step++) {
        pthread_barrier_wait(&barrier); /* the step has begun */
        nvtxRangePushA("part");
        void *own = allocated(bytes), *before = kept;
        handed[i] = allocated(bytes);
        cudaMemset(own, 0, 16);
        kept = allocated(bytes);
        cudaFree(before);
        cudaFree(own);
        nvtxRangePop();
        pthread_barrier_wait(&barrier);
        cudaFree(handed[(i + 1) % THREADS]);
        pthread_barrier_wait(&barrier); /* the step may end */
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    size_t numbers[THREADS];
    steps = argc > 1 ? atoi(argv[1]) : 1;
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    for (size_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0)
            return 1;
    }
    for (int step = 0; step < steps; step++) {
        nvtxRangePushA("step");
        for (int wait = 0; wait < 3; wait++)
            pthread_barrier_wait(&barrier);
        nvtxRangePop();
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
