/*
 * A library's own memory in a CUDA graph, as cuBLAS takes its workspace while it is captured: by
 * the driver's functions, in the stream, given back before the capture ends. Here the program
 * itself stands for the library. In bytes: 4096 live throughout; forward/gemm is captured with 1
 * MiB of the library's; four steps launch it.
 */
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>

#include "launch_steps.h"

#define MIB ((size_t)1 << 20)

int main(void)
{
    CUcontext context;
    CUdeviceptr workspace;
    void *kept;
    cudaStream_t stream;
    cudaGraph_t graph;
    DONE(cudaMalloc(&kept, 4096)); /* initialises the driver, on a GPU */
    DONE(cuInit(0));
    DONE(cuDevicePrimaryCtxRetain(&context, 0));
    DONE(cuCtxSetCurrent(context));
    DONE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    DONE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    nvtxRangePushA("forward");
    nvtxRangePushA("gemm");
    DONE(cuMemAllocAsync(&workspace, MIB, stream));
    DONE(cudaMemsetAsync(kept, 1, 4096, stream));
    DONE(cuMemFreeAsync(workspace, stream));
    nvtxRangePop();
    nvtxRangePop();
    DONE(cudaStreamEndCapture(stream, &graph));
    launch_steps(graph, stream);
    DONE(cudaStreamDestroy(stream));
    DONE(cudaFree(kept));
    return 0;
}
