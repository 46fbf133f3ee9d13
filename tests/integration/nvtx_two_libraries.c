/* Pushes and pops that interleave over two libraries' copies of NVTX, and the program's own. */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>

void one_push(const char *name);
void one_pop(void);
void one_mark(const char *name);
void two_push(const char *name);
void two_pop(void);
void two_mark(const char *name);

static int work(size_t bytes)
{
    void *p;
    return cudaMalloc(&p, bytes) != cudaSuccess || cudaMemset(p, 0, bytes) != cudaSuccess ||
           cudaFree(p) != cudaSuccess;
}

int main(void)
{
    int failed = 0;
    for (int step = 0; step < 3; step++) {
        one_push("step");
        two_push("forward");
        nvtxRangePushA("layer1");
        one_push("conv");
        failed += work(1000);
        two_mark("between");
        one_pop();
        two_push("relu");
        failed += work(2000);
        one_pop(); /* what two pushed: one stack a thread, whoever pops */
        nvtxRangePop();
        one_pop();
        two_pop();
    }
    return failed;
}
