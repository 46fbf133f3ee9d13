/*
 * A program that ends in the way it is told: `exit N`, `_exit N`, `raise N` (a signal), `handle`
 * (SIGUSR1 and SIGTERM are caught: each is named, SIGTERM ends it with status 7) or `wait` (until a
 * signal ends it). Says "ready" once it has worked.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t got;
static void note(int number) { got = number; }

static int work(void)
{
    void *p;
    for (int step = 0; step < 3; step++) {
        nvtxRangePushA("step");
        nvtxRangePushA("forward");
        if (cudaMalloc(&p, 1000) != cudaSuccess || cudaFree(p) != cudaSuccess)
            return 1;
        nvtxRangePop();
        nvtxRangePop();
    }
    return 0;
}

static int handle(sigset_t *outside)
{
    for (;;) {
        sigsuspend(outside);
        if (got == SIGUSR1) {
            puts("SIGUSR1");
            fflush(stdout);
        } else if (got == SIGTERM) {
            puts("SIGTERM");
            return 7;
        }
        got = 0;
    }
}

int main(int argc, char **argv)
{
    const char *const way = argc > 1 ? argv[1] : "";
    const int number = argc > 2 ? atoi(argv[2]) : 0;
    sigset_t caught, outside;
    sigemptyset(&caught);
    sigaddset(&caught, SIGUSR1);
    sigaddset(&caught, SIGTERM);
    if (strcmp(way, "handle") == 0) {
        sigprocmask(SIG_BLOCK, &caught, &outside);
        signal(SIGUSR1, note);
        signal(SIGTERM, note);
    }
    if (work() != 0)
        return 99;
    puts("ready");
    fflush(stdout);
    if (strcmp(way, "exit") == 0)
        return number;
    if (strcmp(way, "_exit") == 0)
        _exit(number);
    if (strcmp(way, "raise") == 0)
        raise(number);
    if (strcmp(way, "handle") == 0)
        return handle(&outside);
    for (;;)
        pause();
}
