/*
 * A long training of a ResNet-152's shape without its arithmetic: 155 layers, in a step 1085
 * cudaMallocAsync (7 a layer: 3 forward, 4 backward), as many cudaFreeAsync, 930 other calls and
 * 473 ranges. The fill of a block stands for the call that writes it.
 *
 * usage: long_run STEPS
 * Prints ms of all steps and the bytes that are live at the end.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LAYERS 155
#define MB     ((size_t)1 << 20)

static size_t live;

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

static void train(void)
{
    struct block y[LAYERS], mean[LAYERS], gradient[LAYERS];
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
        release(&gradient[i]);
        nvtxRangePop();
    }
    nvtxRangePop();
}

int main(int argc, char **argv)
{
    const int steps = argc == 2 ? atoi(argv[1]) : 0;
    struct timespec begin, end;
    if (steps <= 0) {
        fputs("usage: long_run STEPS\n", stderr);
        return 2;
    }
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
