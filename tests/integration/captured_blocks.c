/*
 * A caching allocator as PyTorch's, whose blocks are captured into a CUDA graph. Of a segment of 20
 * MiB forward/a takes 1 MiB, which backward/b gives back, and 2 MiB that stay; four steps launch
 * the graph, without a word to the allocator.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>

#include "caching_library.h"
#include "launch_steps.h"

#define MIB ((size_t)1 << 20)

static void tell(char *block, int64_t bytes)
{
    static const struct c10_device cuda = {1, 0};
    C10_REPORT(block, bytes, 0, 20 * MIB, cuda);
}

static void captured(char *segment, cudaStream_t stream)
{
    nvtxRangePushA("forward");
    nvtxRangePushA("a");
    tell(segment, (int64_t)MIB);
    tell(segment + MIB, 2 * (int64_t)MIB);
    DONE(cudaMemsetAsync(segment, 1, 3 * MIB, stream));
    nvtxRangePop();
    nvtxRangePop();
    nvtxRangePushA("backward");
    nvtxRangePushA("b");
    DONE(cudaMemsetAsync(segment, 2, MIB, stream));
    tell(segment, -(int64_t)MIB);
    nvtxRangePop();
    nvtxRangePop();
}

int main(void)
{
    void *segment;
    cudaStream_t stream;
    cudaGraph_t graph;
    DONE(cudaMalloc(&segment, 20 * MIB));
    DONE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    DONE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    captured(segment, stream);
    DONE(cudaStreamEndCapture(stream, &graph));
    launch_steps(graph, stream);
    DONE(cudaStreamDestroy(stream));
    DONE(cudaFree(segment));
    return 0;
}
