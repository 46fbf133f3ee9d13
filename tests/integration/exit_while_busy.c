/* Ends by exit() while its threads are in the middle of calls, as a program with workers may. */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void *work(void *argument)
{
    (void)argument;
    for (;;) {
        void *p;
        nvtxRangePushA("work");
        if (cudaMalloc(&p, 1000) == cudaSuccess)
            cudaFree(p);
        nvtxRangePop();
    }
    return NULL;
}

int main(void)
{
    for (int i = 0; i < 8; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0)
            return 1;
    }
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    puts("leaving");
    exit(5);
}
