/*
 * 64 threads that allocate and free side by side inside each step, each under a range of its own.
 * Thread i first makes and frees small blocks as it pleases; then it makes KEPT + i bytes and keeps
 * them, and SCRATCH * (i + 1) bytes. When all have done so, and not before, the scratch is freed.
 * The kept blocks are freed by the main thread, which made none of them.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <pthread.h>
#include <stdio.h>

enum {
    THREADS = 64,
    STEPS = 4,
    ROUNDS = 20,
    KEPT = 1000,
    SCRATCH = 64
};

static pthread_barrier_t all;      /* the threads */
static pthread_barrier_t and_main; /* and the main thread */
static struct worker {
    size_t index;
    void *kept;
    int failed;
} workers[THREADS];

static int make(void **block, size_t bytes, size_t odd)
{
    return (odd % 2 ? cudaMalloc(block, bytes) : cudaMallocAsync(block, bytes, 0)) != cudaSuccess;
}
static int end(void *block, size_t odd)
{
    return (odd % 2 ? cudaFree(block) : cudaFreeAsync(block, 0)) != cudaSuccess;
}

static void step(struct worker *worker)
{
    char name[32];
    void *scratch;
    snprintf(name, sizeof name, "worker.%02zu", worker->index);
    nvtxRangePushA(name);
    for (size_t round = 0; round < ROUNDS; round++) {
        worker->failed += make(&scratch, 1 + round, round);
        worker->failed += end(scratch, round);
    }
    worker->failed += make(&worker->kept, KEPT + worker->index, worker->index);
    worker->failed += make(&scratch, SCRATCH * (worker->index + 1), worker->index);
    pthread_barrier_wait(&all);
    worker->failed += end(scratch, worker->index);
    nvtxRangePop();
}

static void *work(void *argument)
{
    for (int i = 0; i < STEPS; i++) {
        pthread_barrier_wait(&and_main);
        step(argument);
        pthread_barrier_wait(&and_main);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int failed = 0;
    pthread_barrier_init(&all, NULL, THREADS);
    pthread_barrier_init(&and_main, NULL, THREADS + 1);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i].index = i;
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < STEPS; i++) {
        nvtxRangePushA("step");
        pthread_barrier_wait(&and_main);
        pthread_barrier_wait(&and_main);
        nvtxRangePushA("collect");
        for (size_t w = 0; w < THREADS; w++)
            failed += end(workers[w].kept, w);
        nvtxRangePop();
        nvtxRangePop();
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        failed += workers[i].failed;
    }
    printf("%d failures\n", failed);
    return failed != 0;
}
