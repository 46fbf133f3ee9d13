/*
 * Steps whose work is on several streams. Of each, by range: the step itself gives a fill to the
 * default stream; `fill` one to stream a; `gemm` three products to the handle's stream, b; `both` a
 * fill to a, b and a again; `gone` a fill to a stream that ends inside the range; `capture` a
 * fill to a while that captures, so nothing; `graph` launches what was captured; `host` nothing. So
 * 1 + 1 + 1 + 2 + 1 + 0 + 1 + 0 = 7 spans a step. Prints what was reckoned.
 */
#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    N = 48,
    BYTES = N * N * (int)sizeof(float)
};

static void check(bool good, const char *what)
{
    if (good)
        return;
    printf("%s failed\n", what);
    exit(1);
}
#define CUDA(call)   check((call) == cudaSuccess, #call)
#define CUBLAS(call) check((call) == CUBLAS_STATUS_SUCCESS, #call)

static float host[N * N];
static float *x, *y;
static cudaStream_t a, b;
static cublasHandle_t handle;

static void gemm(void)
{
    const float one = 1, tenth = 0.1f;
    for (int i = 0; i < 3; i++)
        CUBLAS(
            cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_T, N, N, N, &tenth, x, N, x, N, &one, y, N));
}

static void gone(void)
{
    cudaStream_t stream;
    CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    CUDA(cudaMemsetAsync(y, 0, 4, stream));
    CUDA(cudaStreamDestroy(stream));
}

/* An event in the stream would make the capture void. */
static cudaGraphExec_t capture(void)
{
    cudaGraph_t graph;
    cudaGraphExec_t made;
    size_t nodes = 0;
    CUDA(cudaStreamBeginCapture(a, cudaStreamCaptureModeGlobal));
    CUDA(cudaMemsetAsync(y, 0, 16, a));
    CUDA(cudaStreamEndCapture(a, &graph));
    CUDA(cudaGraphGetNodes(graph, NULL, &nodes));
    check(nodes == 1, "one node in the graph");
    CUDA(cudaGraphInstantiate(&made, graph, 0));
    CUDA(cudaGraphDestroy(graph));
    return made;
}

static void step(int number)
{
    char name[32];
    snprintf(name, sizeof name, "step %d", number);
    nvtxRangePushA(name);
    CUDA(cudaMemset(y, 0, BYTES));
    nvtxRangePushA("fill");
    CUDA(cudaMemsetAsync(y, 0, 64, a));
    nvtxRangePop();
    nvtxRangePushA("gemm");
    gemm();
    nvtxRangePop();
    nvtxRangePushA("both");
    CUDA(cudaMemsetAsync(y, 0, 8, a));
    CUDA(cudaMemsetAsync(y, 0, 4, b));
    CUDA(cudaMemsetAsync(y, 0, 12, a));
    nvtxRangePop();
    nvtxRangePushA("gone");
    gone();
    nvtxRangePop();
    nvtxRangePushA("capture");
    const cudaGraphExec_t graph = capture();
    nvtxRangePop();
    nvtxRangePushA("graph");
    CUDA(cudaGraphLaunch(graph, a));
    nvtxRangePop();
    nvtxRangePushA("host");
    CUDA(cudaGraphExecDestroy(graph));
    CUDA(cudaDeviceSynchronize());
    nvtxRangePop();
    nvtxRangePop();
}

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? atoi(argv[1]) : 1;
    double sum = 0;
    CUDA(cudaMalloc((void **)&x, BYTES));
    CUDA(cudaMalloc((void **)&y, BYTES));
    CUDA(cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking));
    CUDA(cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking));
    CUBLAS(cublasCreate(&handle));
    CUBLAS(cublasSetStream(handle, b));
    for (int i = 0; i < N * N; i++)
        host[i] = (float)(i % 7) / 3.0f;
    CUDA(cudaMemcpy(x, host, BYTES, cudaMemcpyHostToDevice));
    for (int i = 0; i < steps; i++)
        step(i);
    CUDA(cudaMemcpy(host, y, BYTES, cudaMemcpyDeviceToHost));
    for (int i = 0; i < N * N; i++)
        sum += (double)host[i] * i;
    printf("%.9g, and no error is left: %d\n", sum, (int)cudaGetLastError());
    CUBLAS(cublasDestroy(handle));
    return 0;
}
