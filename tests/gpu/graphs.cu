/*
 * Steps that replay a CUDA graph, on real hardware. Captured in ranges, before the first step:
 *   forward/a      1 MiB is given out, a kernel runs for 0.2 ms
 *   forward/gemm   a library's kernel: 512 x 512 x 512 in fp32
 *   backward/b     a kernel runs for 0.6 ms, the 1 MiB is freed
 * and then, outside of any range, a fill. Six steps launch it, each inside a range `replay`.
 */
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

static int failed;
#define CHECK(call)                                                                                \
    do {                                                                                           \
        const int error_ = (int)(call);                                                            \
        if (error_) {                                                                              \
            fprintf(stderr, "graphs.cu:%d: error %d\n", __LINE__, error_);                         \
            failed = 1;                                                                            \
        }                                                                                          \
    } while (0)

extern "C" __global__ void spin(char *memory, unsigned long long ns)
{
    unsigned long long begin, now;
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(begin));
    do
        asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
    while (now - begin < ns);
    memory[0]++;
}

int main()
{
    const int n = 512;
    const float one = 1, zero = 0;
    float *matrices;
    char *memory;
    cudaStream_t stream;
    cudaGraph_t graph;
    cudaGraphExec_t exec = nullptr;
    cublasHandle_t cublas;
    CHECK(cudaMalloc(&matrices, 3 * n * n * sizeof(float)));
    CHECK(cudaMemset(matrices, 0, 3 * n * n * sizeof(float)));
    CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    CHECK(cublasCreate(&cublas));
    CHECK(cublasSetStream(cublas, stream));
    const auto gemm = [&] {
        return cublasSgemm(cublas, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, matrices, n,
                           matrices + n * n, n, &zero, matrices + 2 * n * n, n);
    };
    CHECK(gemm()); /* modules are loaded outside of the capture */
    CHECK(cudaDeviceSynchronize());

    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    nvtxRangePushA("forward");
    nvtxRangePushA("a");
    CHECK(cudaMallocAsync((void **)&memory, 1 << 20, stream));
    spin<<<1, 1, 0, stream>>>(memory, 200000);
    nvtxRangePop();
    nvtxRangePushA("gemm");
    CHECK(gemm());
    nvtxRangePop();
    nvtxRangePop();
    nvtxRangePushA("backward");
    nvtxRangePushA("b");
    spin<<<1, 1, 0, stream>>>(memory, 600000);
    CHECK(cudaFreeAsync(memory, stream));
    nvtxRangePop();
    nvtxRangePop();
    CHECK(cudaMemsetAsync(matrices, 0, 4, stream));
    CHECK(cudaStreamEndCapture(stream, &graph));
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    CHECK(cudaGraphDestroy(graph));

    for (int step = 0; step < 6; step++) {
        char name[32];
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        nvtxRangePushA("replay");
        CHECK(cudaGraphLaunch(exec, stream));
        nvtxRangePop();
        CHECK(cudaStreamSynchronize(stream));
        nvtxRangePop();
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cublasDestroy(cublas));
    CHECK(cudaFree(matrices));
    return failed;
}
