/*
 * Ranges as graphprof's own hooks for PyTorch make them, and work in them: forward and optimizer in
 * this thread, backward/layer in another, whose ranges this thread ends when the other waits for
 * its next turn. Three fills a step, all in one stream. Without the recorder it does the same.
 */
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>

#define STEPS 2
#define BYTES 65536

static uint64_t (*name)(const char *text);
static void (*push)(uint64_t name);
static void (*pop)(void);
static uint64_t (*follow)(uint64_t before, uint64_t name);
static void (*end)(uint64_t range);

static sem_t to_other, to_main;
static uint64_t phase, layer;
static cudaStream_t stream;
static void *memory;
static int failed;

static void find(void *function, const char *symbol)
{
    *(void **)function = dlsym(RTLD_DEFAULT, symbol); /* as POSIX has it */
}

static void wait_for(sem_t *turn)
{
    while (sem_wait(turn) != 0)
        ;
}

static void fill(int value)
{
    failed += cudaMemsetAsync(memory, value, BYTES, stream) != cudaSuccess;
}

static void *other(void *unused)
{
    for (int i = 0; i < STEPS; i++) {
        wait_for(&to_other);
        if (follow) {
            phase = follow(0, name("backward"));
            layer = follow(0, name("layer"));
        }
        fill(2);
        sem_post(&to_main);
    }
    return unused;
}

static void in_range(const char *text, int value)
{
    if (push)
        push(name(text));
    fill(value);
    if (pop)
        pop();
}

int main(void)
{
    pthread_t thread;
    find(&name, "graphprof_name");
    find(&push, "graphprof_range_push");
    find(&pop, "graphprof_range_pop");
    find(&follow, "graphprof_range_follow");
    find(&end, "graphprof_range_end");
    failed += cudaMalloc(&memory, BYTES) != cudaSuccess;
    failed += cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) != cudaSuccess;
    sem_init(&to_other, 0, 0);
    sem_init(&to_main, 0, 0);
    if (pthread_create(&thread, NULL, other, NULL) != 0)
        return 1;
    for (int i = 0; i < STEPS; i++) {
        if (push)
            push(name("step"));
        in_range("forward", 1);
        sem_post(&to_other);
        wait_for(&to_main);
        if (end) {
            end(layer);
            end(phase);
        }
        in_range("optimizer", 3);
        failed += cudaStreamSynchronize(stream) != cudaSuccess;
        if (pop)
            pop();
    }
    pthread_join(thread, NULL);
    printf("%d failures\n", failed);
    return failed != 0;
}
