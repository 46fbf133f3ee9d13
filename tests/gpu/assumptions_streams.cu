/* What graphprof assumes of events and of captures into graphs, asked of the real runtime. Prints
 * TAP. */
#include <cuda_runtime.h>
#include <stdio.h>

static int number;
static int failures;
static void check(int ok, const char *what)
{
    printf("%sok %d - %s\n", ok ? "" : "not ", ++number, what);
    failures += !ok;
}

__global__ void spin(unsigned long long ns)
{
    unsigned long long begin, now;
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(begin));
    do
        asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
    while (now - begin < ns);
}

static void events(cudaStream_t stream)
{
    cudaEvent_t begin, end, never;
    float ms = -1;
    cudaEventCreateWithFlags(&begin, cudaEventDefault);
    cudaEventCreateWithFlags(&end, cudaEventDefault);
    cudaEventCreateWithFlags(&never, cudaEventDefault);
    cudaEventRecord(begin, stream);
    spin<<<1, 1, 0, stream>>>(200000000);
    cudaEventRecord(end, stream);
    check(cudaEventElapsedTime(&ms, begin, end) == cudaErrorNotReady,
          "the time between events is not ready, and not waited for");
    cudaGetLastError();
    check(cudaPeekAtLastError() == cudaSuccess, "that is no error that stays");
    cudaStreamSynchronize(stream);
    check(cudaEventElapsedTime(&ms, begin, end) == cudaSuccess && ms > 199 && ms < 220,
          "then it is the kernel's");
    printf("# 200 ms are %.4f\n", ms);
    const cudaError_t unrecorded = cudaEventElapsedTime(&ms, begin, never);
    check(unrecorded != cudaSuccess && unrecorded != cudaErrorNotReady,
          "an event that was never recorded is an error of its own");
    cudaGetLastError();
    check(cudaEventRecord(begin, cudaStreamLegacy) == cudaSuccess &&
              cudaEventRecord(end, cudaStreamPerThread) == cudaSuccess,
          "the default streams have names");
    cudaDeviceSynchronize();
}

/* Of a stream that the legacy one waits for, or not. */
static void capture(bool blocking)
{
    cudaStream_t stream;
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
    cudaGraph_t during = nullptr, graph = nullptr;
    cudaEvent_t event;
    void *memory = nullptr;
    cudaStreamCreateWithFlags(&stream, blocking ? cudaStreamDefault : cudaStreamNonBlocking);
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal) == cudaSuccess,
          blocking ? "a capture of a blocking stream" : "a capture of a stream that is none");
    check(cudaStreamIsCapturing(stream, &status) == cudaSuccess &&
              status == cudaStreamCaptureStatusActive,
          "is known to be one");
    check(cudaStreamGetCaptureInfo(stream, &status, nullptr, &during, nullptr, nullptr, nullptr) ==
                  cudaSuccess &&
              during,
          "and has a graph");
    const cudaError_t legacy = cudaStreamIsCapturing(cudaStreamLegacy, &status);
    check(blocking ? legacy == cudaErrorStreamCaptureImplicit
                   : legacy == cudaSuccess && status == cudaStreamCaptureStatusNone,
          "the legacy stream may be asked about meanwhile");
    cudaGetLastError();
    spin<<<1, 1, 0, stream>>>(1000);
    check(cudaMallocAsync(&memory, 1 << 20, stream) == cudaSuccess && memory &&
              cudaFreeAsync(memory, stream) == cudaSuccess,
          "memory can be given out in it");
    check(cudaThreadExchangeStreamCaptureMode(&mode) == cudaSuccess &&
              mode == cudaStreamCaptureModeGlobal,
          "the thread's mode can be exchanged");
    check(cudaEventCreateWithFlags(&event, cudaEventDefault) == cudaSuccess,
          "what is unsafe otherwise works then");
    cudaThreadExchangeStreamCaptureMode(&mode);
    check(cudaStreamEndCapture(stream, &graph) == cudaSuccess && graph, "the capture is whole");
    check(graph == during, "the graph has the handle that it had");
    cudaGraphExec_t exec = nullptr;
    check(cudaGraphInstantiate(&exec, graph, 0) == cudaSuccess &&
              cudaGraphLaunch(exec, stream) == cudaSuccess &&
              cudaStreamSynchronize(stream) == cudaSuccess,
          "and is launched");
    cudaGraphExecDestroy(exec);
    cudaGraphDestroy(graph);
    cudaStreamDestroy(stream);
}

int main(void)
{
    cudaStream_t stream;
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    spin<<<1, 1, 0, stream>>>(1000); /* loaded outside of what is timed and captured */
    cudaStreamSynchronize(stream);
    events(stream);
    capture(false);
    capture(true);
    printf("1..%d\n", number);
    return failures != 0;
}
