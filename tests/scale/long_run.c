/*
 * A long training of a ResNet-152's shape without its arithmetic: 155 layers, in a step 1085
 * cudaMallocAsync (7 a layer: 3 forward, 4 backward), as many cudaFreeAsync, 930 other calls and
 * 473 ranges. The fill of a block stands for the call that writes it.
 *
 * With `moving`, as on a GPU, gradients outlive the step, and lie at other addresses in each: 467
 * of them (of weights, and of what else a layer learns), which the next step frees first of all, in
 * another order than they were made. softgpu gives out again first what was freed last, so the
 * addresses are mixed anew by each step.
 *
 * usage: long_run STEPS [moving]
 * Prints ms of all steps and the bytes that are live at the end.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../integration/shuffle.h"

#define LAYERS    155
#define GRADIENTS (3 * LAYERS + 2)
#define MB        ((size_t)1 << 20)

static size_t live;
static bool moving;

static void check(cudaError_t status)
{
    if (status == cudaSuccess)
        return;
    fprintf(stderr, "long_run: %s\n", cudaGetErrorString(status));
    exit(1);
}

struct block {
    void *at;
    size_t bytes;
};
static struct block block(size_t bytes)
{
    struct block made = {NULL, bytes};
    check(cudaMallocAsync(&made.at, bytes, 0));
    live += bytes;
    return made;
}
static void release(struct block *gone)
{
    check(cudaFreeAsync(gone->at, 0));
    live -= gone->bytes;
}
/* The call that writes it: of a few bytes, so that it takes no time. */
static void write_to(const struct block *written) { check(cudaMemsetAsync(written->at, 0, 8, 0)); }

static void push(const char *what, int layer)
{
    char name[32];
    snprintf(name, sizeof name, layer < 0 ? "%s" : "%s.%d", what, layer);
    nvtxRangePushA(name);
}

/* Gradients that outlive the step, and the order in which the next one frees them. */
static struct block held[GRADIENTS];
static int n_held;
static int order[GRADIENTS];

static void release_held(void)
{
    push("zero_grad", -1);
    for (int i = 0; i < n_held; i++)
        release(&held[order[i]]);
    n_held = 0;
    nvtxRangePop();
}

/* Those of a layer beside its weights'. */
static void hold(const struct block *gradient, bool is_last)
{
    held[n_held++] = *gradient;
    for (int more = 0; more < (is_last ? 4 : 2); more++)
        held[n_held++] = block(300000);
}

static void train(void)
{
    struct block y[LAYERS], mean[LAYERS], gradient[LAYERS];
    if (moving)
        release_held();
    push("forward", -1);
    for (int i = 0; i < LAYERS; i++) {
        push("layer", i);
        struct block workspace = block(4 * MB);
        y[i] = block(MB + MB / 2 * (size_t)(i % 7));
        mean[i] = block(MB / 2);
        write_to(&y[i]);
        write_to(&mean[i]);
        release(&workspace);
        nvtxRangePop();
    }
    nvtxRangePop();
    push("backward", -1);
    for (int i = LAYERS; i-- > 0;) {
        push("layer", i);
        struct block dz = block(2 * MB), dy = block(2 * MB), workspace = block(4 * MB);
        gradient[i] = block(MB + MB * (size_t)(i % 5));
        write_to(&dz);
        write_to(&dy);
        write_to(&gradient[i]);
        if (moving)
            hold(&gradient[i], i == LAYERS - 1);
        release(&workspace);
        release(&dy);
        release(&dz);
        release(&y[i]);
        release(&mean[i]);
        nvtxRangePop();
    }
    nvtxRangePop();
    push("optimizer", -1);
    for (int i = 0; i < LAYERS; i++) {
        push("layer", i);
        write_to(&gradient[i]);
        if (!moving)
            release(&gradient[i]);
        nvtxRangePop();
    }
    nvtxRangePop();
}

int main(int argc, char **argv)
{
    moving = argc == 3 && strcmp(argv[2], "moving") == 0;
    const int steps = argc == 2 || moving ? atoi(argv[1]) : 0;
    struct timespec begin, end;
    if (steps <= 0) {
        fputs("usage: long_run STEPS [moving]\n", stderr);
        return 2;
    }
    shuffle(order, GRADIENTS, 152);
    const struct block parameters = block((size_t)60192808 * 4);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int step = 0; step < steps; step++) {
        char name[32];
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        train();
        nvtxRangePop();
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("ms %.1f live %zu\n",
           (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6,
           live);
    return parameters.at ? 0 : 1;
}
