/*
 * A small training of STEPS steps whose gradients outlive the step and lie at other addresses in
 * each. Bytes: one block of 4000000 that stays; 60 gradients of 1000000, which the next step frees
 * first of all, in an order of its own; and a block of 3000000 that comes and goes in the step, so
 * that 64000000 are live behind each. (softgpu gives out again first what was freed last, so each
 * step mixes the addresses anew.) Steps that differ: of each hundred steps the 30th frees in
 * another order, and the 41st does not free the first of the gradients, so that 65000000 are live
 * behind it, but the 42nd does, behind its own.
 *
 * usage: moving_steps STEPS
 * Prints of each step, once it is over, a line with the live bytes, and one with the address of
 * each block but that which stays.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <stdlib.h>

#include "shuffle.h"

#define GRADIENTS 60

static size_t live;

static void *allocated(size_t bytes)
{
    void *memory = NULL;
    if (cudaMalloc(&memory, bytes) != cudaSuccess)
        exit(1);
    live += bytes;
    return memory;
}
static void give_back(void *memory, size_t bytes)
{
    if (cudaFree(memory) != cudaSuccess)
        exit(1);
    live -= bytes;
}

static void *gradient[GRADIENTS], *carried;
static int order[GRADIENTS];

static void train(int step)
{
    nvtxRangePushA("zero_grad");
    for (int i = 0; i < GRADIENTS && step > 0; i++) {
        const int which = step % 100 == 30 ? i : order[i];
        if (step % 100 == 41 && which == 0)
            carried = gradient[which];
        else
            give_back(gradient[which], 1000000);
    }
    nvtxRangePop();
    nvtxRangePushA("backward");
    void *dy = allocated(3000000);
    for (int i = 0; i < GRADIENTS; i++) {
        gradient[i] = allocated(1000000);
        cudaMemset(gradient[i], 0, 8);
    }
    give_back(dy, 3000000);
    nvtxRangePop();
    if (step % 100 == 42) {
        give_back(carried, 1000000);
        carried = NULL;
    }
}

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? atoi(argv[1]) : 1;
    const void *kept = allocated(4000000);
    shuffle(order, GRADIENTS, 60);
    for (int step = 0; step < steps; step++) {
        char name[32];
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        train(step);
        nvtxRangePop();
        printf("%d live %zu\n", step, live);
        for (int i = 0; i < GRADIENTS; i++)
            printf("%d at %p\n", step, gradient[i]);
        if (carried)
            printf("%d at %p\n", step, carried);
    }
    return kept ? 0 : 1;
}
