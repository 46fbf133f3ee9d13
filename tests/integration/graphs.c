/*
 * Steps that replay a CUDA graph. Usage: graphs inside|outside|relaunch [in-step]
 *
 * Before the first step, or in it, two ranges are captured: forward/a allocates 1 MiB and fills it,
 * with 256 KiB beside it for a while; backward/b fills it again and, if `inside`, frees it. Then
 * come five steps that launch the graph. `outside`: the step frees what the launch left, in a range
 * of its own. `relaunch`: nothing frees it but the next launch.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <string.h>

#define MIB (1u << 20)

static int failed;

static void check(cudaError_t error, int line)
{
    if (error != cudaSuccess) {
        fprintf(stderr, "graphs.c:%d: %s\n", line, cudaGetErrorString(error));
        failed = 1;
    }
}
#define CHECK(call) check(call, __LINE__)

static void *memory;

static cudaGraphExec_t capture(cudaStream_t stream, int inside, unsigned long long flags)
{
    void *beside;
    cudaGraph_t graph;
    cudaGraphExec_t exec = NULL;
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    nvtxRangePushA("forward");
    nvtxRangePushA("a");
    CHECK(cudaMallocAsync(&memory, MIB, stream));
    CHECK(cudaMallocAsync(&beside, MIB / 4, stream));
    CHECK(cudaMemsetAsync(memory, 1, MIB, stream));
    CHECK(cudaFreeAsync(beside, stream));
    nvtxRangePop();
    nvtxRangePop();
    nvtxRangePushA("backward");
    nvtxRangePushA("b");
    CHECK(cudaMemsetAsync(memory, 2, MIB, stream));
    if (inside)
        CHECK(cudaFreeAsync(memory, stream));
    nvtxRangePop();
    nvtxRangePop();
    CHECK(cudaStreamEndCapture(stream, &graph));
    CHECK(cudaGraphInstantiate(&exec, graph, flags));
    CHECK(cudaGraphDestroy(graph));
    return exec;
}

int main(int argc, char **argv)
{
    const int outside = argc > 1 && strcmp(argv[1], "outside") == 0;
    const int relaunch = argc > 1 && strcmp(argv[1], "relaunch") == 0;
    const int in_step = argc > 2;
    const unsigned long long flags = relaunch ? cudaGraphInstantiateFlagAutoFreeOnLaunch : 0;
    char name[32];
    unsigned char seen = 0;
    void *kept;
    cudaStream_t stream;
    cudaGraphExec_t exec = NULL;
    CHECK(cudaMalloc(&kept, 4096));
    CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    if (!in_step)
        exec = capture(stream, !outside && !relaunch, flags);
    for (int step = 0; step < 5; step++) {
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        if (!exec)
            exec = capture(stream, !outside && !relaunch, flags);
        else
            CHECK(cudaGraphLaunch(exec, stream));
        if (outside && memory && (step || !in_step)) {
            nvtxRangePushA("use");
            CHECK(cudaMemcpyAsync(&seen, memory, 1, cudaMemcpyDeviceToHost, stream));
            CHECK(cudaFreeAsync(memory, stream));
            nvtxRangePop();
        }
        CHECK(cudaStreamSynchronize(stream));
        nvtxRangePop();
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaStreamDestroy(stream));
    if (outside && seen != 2)
        failed = 1;
    return failed;
}
