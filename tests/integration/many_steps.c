/*
 * A small training of STEPS steps. Bytes: one block of 4000000 that stays, and one of 500000 that
 * stays until the next step, which makes its own before it frees it, at other addresses in turn. In
 * a step 1000000 and 2000000 in "forward", 3000000 in "backward", so that its peak is 6000000 over
 * what lived before; in every thousandth step, from 500 on, 50000000 more, freed at once, before
 * the others. (softgpu gives blocks of that size out again in a known order.) Steps that differ,
 * once each: 70001  90000000 more in "extra", before the others 80000  behind it 1000000 are
 * allocated, which are freed behind step 80003: steps 80001 to 80003 do the same as the others at
 * other addresses usage: many_steps STEPS [FILE]; in FILE stands the number of steps that are over,
 * 8 bytes.
 */
#include <cuda_runtime_api.h>
#include <fcntl.h>
#include <nvtx3/nvToolsExt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void *allocated(size_t bytes)
{
    void *memory = NULL;
    if (cudaMalloc(&memory, bytes) != cudaSuccess)
        exit(1);
    return memory;
}

static volatile uint64_t *counter(const char *path)
{
    static uint64_t nobody;
    if (!path)
        return &nobody;
    const int fd = open(path, O_RDWR | O_CREAT, 0644);
    if (fd < 0 || ftruncate(fd, sizeof nobody) != 0)
        exit(1);
    void *memory = mmap(NULL, sizeof nobody, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        exit(1);
    return memory;
}

static void *gradient;

static void train(int step)
{
    if (step % 1000 == 500)
        cudaFree(allocated(50000000));
    if (step == 70001) {
        nvtxRangePushA("extra");
        cudaFree(allocated(90000000));
        nvtxRangePop();
    }
    nvtxRangePushA("forward");
    void *x = allocated(1000000);
    void *y = allocated(2000000);
    cudaMemset(y, 0, 2000);
    nvtxRangePop();
    nvtxRangePushA("backward");
    void *dy = allocated(3000000);
    cudaMemset(dy, 0, 3000);
    cudaFree(dy);
    cudaFree(y);
    void *before = gradient;
    gradient = allocated(500000);
    cudaFree(before);
    nvtxRangePop();
    cudaFree(x);
}

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? atoi(argv[1]) : 1;
    volatile uint64_t *over = counter(argc > 2 ? argv[2] : NULL);
    const void *kept = allocated(4000000);
    void *in_the_way = NULL;
    for (int step = 0; step < steps; step++) {
        char name[32];
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        train(step);
        nvtxRangePop();
        ++*over;
        if (step == 80000)
            in_the_way = allocated(1000000);
        if (step == 80003)
            cudaFree(in_the_way);
    }
    return kept ? 0 : 1;
}
