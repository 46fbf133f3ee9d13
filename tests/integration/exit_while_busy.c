/* Ends by exit() while its threads are in the middle of calls, as a program with workers may; with
   an argument, as soon as they have started, so that the first calls of all may be under way. */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static atomic_bool called;

static void *work(void *argument)
{
    (void)argument;
    for (;;) {
        void *p;
        nvtxRangePushA("work");
        if (cudaMalloc(&p, 1000) == cudaSuccess)
            cudaFree(p);
        nvtxRangePop();
        atomic_store(&called, true);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    (void)argv;
    for (int i = 0; i < 8; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0)
            return 1;
    }
    while (argc == 1 && !atomic_load(&called))
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    puts("leaving");
    exit(5);
}
