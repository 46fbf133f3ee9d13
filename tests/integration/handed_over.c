/*
 * Two threads that hand work to one another: what the first begins, the second ends. Each has its
 * turn while the other waits. A step is a start/end range that one thread starts and the other
 * ends, and so is `produce` inside it.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

enum {
    STEPS = 4,
    PRODUCED = 1000,
    LOOSE = 200,
    CONSUMED = 30,
    LATE = 500
};

static sem_t to_second, to_first;
static nvtxRangeId_t step, produce;
static void *produced, *late;
static int failed;

static void turn(sem_t *give, sem_t *take)
{
    sem_post(give);
    while (sem_wait(take) != 0)
        ;
}
static void *make(size_t bytes)
{
    void *block = NULL;
    failed += cudaMalloc(&block, bytes) != cudaSuccess;
    return block;
}
static void end(void *block) { failed += cudaFree(block) != cudaSuccess; }

static void *second(void *unused)
{
    while (sem_wait(&to_second) != 0)
        ;
    for (int i = 0; i < STEPS; i++) {
        void *const loose = make(LOOSE); /* in no range of this thread's */
        nvtxRangePushA("consume");
        void *const consumed = make(CONSUMED);
        end(produced); /* the other thread's */
        nvtxRangeEnd(produce);
        nvtxRangePop();
        turn(&to_first, &to_second);
        nvtxRangePushA("clear");
        end(loose);
        end(consumed);
        end(late);
        nvtxRangePop();
        nvtxRangeEnd(step);
        if (i + 1 < STEPS)
            turn(&to_first, &to_second);
        else
            sem_post(&to_first);
    }
    return unused;
}

int main(void)
{
    pthread_t thread;
    sem_init(&to_second, 0, 0);
    sem_init(&to_first, 0, 0);
    if (pthread_create(&thread, NULL, second, NULL) != 0)
        return 1;
    for (int i = 0; i < STEPS; i++) {
        step = nvtxRangeStartA("step");
        produce = nvtxRangeStartA("produce");
        produced = make(PRODUCED);
        turn(&to_second, &to_first);
        late = make(LATE); /* `produce` has been ended by now */
        turn(&to_second, &to_first);
    }
    pthread_join(thread, NULL);
    printf("%d failures\n", failed);
    return failed != 0;
}
