/* Stream capture and graphs. */
#include <cuda_runtime_api.h>
#include <stdint.h>
#include <string.h>
#include "cmocka_all.h"
#include "work.h"

enum {
    MIB = 1 << 20
};

static cudaStream_t begin(enum cudaStreamCaptureMode mode)
{
    cudaStream_t stream;
    ok(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    ok(cudaStreamBeginCapture(stream, mode));
    return stream;
}

static cudaGraphExec_t instantiate(cudaStream_t stream, cudaGraph_t *graph,
                                   unsigned long long flags)
{
    cudaGraphExec_t exec;
    ok(cudaStreamEndCapture(stream, graph));
    ok(cudaGraphInstantiate(&exec, *graph, flags));
    return exec;
}

static void end(cudaStream_t stream, cudaGraph_t graph, cudaGraphExec_t exec)
{
    ok(cudaGraphExecDestroy(exec));
    ok(cudaGraphDestroy(graph));
    ok(cudaStreamDestroy(stream));
}

static size_t free_bytes(void)
{
    size_t free_now, total;
    ok(cudaMemGetInfo(&free_now, &total));
    return free_now;
}

static uint64_t graph_memory(enum cudaGraphMemAttributeType attribute)
{
    uint64_t bytes = UINT64_MAX;
    ok(cudaDeviceGetGraphMemAttribute(0, attribute, &bytes));
    return bytes;
}

static void count_up(void *counter) { ++*(int *)counter; }

static enum cudaStreamCaptureStatus status_of(cudaStream_t stream)
{
    enum cudaStreamCaptureStatus status;
    ok(cudaStreamIsCapturing(stream, &status));
    return status;
}

/* A fill, a copy to the host and a host function: none is done before the launch, all in each. */
static void work_is_done_at_each_launch(void **state)
{
    (void)state;
    unsigned char *device, host = 0;
    int calls = 0;
    cudaGraph_t graph, captured_into = NULL;
    unsigned long long id = 0;
    enum cudaStreamCaptureStatus status;
    ok(cudaMalloc((void **)&device, 1));
    ok(cudaMemset(device, 1, 1));

    cudaStream_t stream = begin(cudaStreamCaptureModeGlobal);
    assert_int_equal(cudaStreamCaptureStatusActive, status_of(stream));
    ok(cudaStreamGetCaptureInfo(stream, &status, &id, &captured_into, NULL, NULL, NULL));
    assert_true(id > 0);
    ok(cudaMemsetAsync(device, 7, 1, stream));
    ok(cudaMemcpyAsync(&host, device, 1, cudaMemcpyDeviceToHost, stream));
    ok(cudaLaunchHostFunc(stream, count_up, &calls));
    cudaGraphExec_t exec = instantiate(stream, &graph, 0);
    assert_ptr_equal(captured_into, graph);
    assert_int_equal(cudaStreamCaptureStatusNone, status_of(stream));
    assert_int_equal(0, host);
    assert_int_equal(0, calls);
    assert_int_equal(1, *device); /* device memory is host memory here */

    const enum cudaGraphNodeType expected[] = {cudaGraphNodeTypeMemset, cudaGraphNodeTypeMemcpy,
                                               cudaGraphNodeTypeHost};
    cudaGraphNode_t nodes[4];
    size_t count = 0;
    ok(cudaGraphGetNodes(graph, NULL, &count));
    assert_int_equal(3, count);
    count = 4;
    ok(cudaGraphGetNodes(graph, nodes, &count));
    assert_int_equal(3, count);
    assert_null(nodes[3]);
    for (int i = 0; i < 3; i++) {
        enum cudaGraphNodeType type;
        ok(cudaGraphNodeGetType(nodes[i], &type));
        assert_int_equal(expected[i], type);
    }

    for (int launch = 1; launch <= 2; launch++) {
        *device = host = 0;
        ok(cudaGraphLaunch(exec, stream));
        assert_int_equal(7, host);
        assert_int_equal(launch, calls);
    }
    end(stream, graph, exec);
    ok(cudaFree(device));
    assert_cuda(cudaErrorInvalidValue, cudaGraphLaunch(exec, NULL));
    cudaGetLastError();
}

/* Memory that is given out and freed in the graph: the address is fixed, and good during a launch
 * alone; the device's capacity is charged at the first launch and until the graph is gone. */
static void memory_of_a_launch(void **state)
{
    (void)state;
    const size_t at_first = free_bytes();
    unsigned char *memory, host[2] = {0, 0};
    cudaGraph_t graph;
    cudaStream_t stream = begin(cudaStreamCaptureModeGlobal);
    ok(cudaMallocAsync((void **)&memory, MIB, stream));
    ok(cudaMemsetAsync(memory, 9, MIB, stream));
    ok(cudaMemcpyAsync(host, memory + MIB - 2, 2, cudaMemcpyDeviceToHost, stream));
    ok(cudaFreeAsync(memory, stream));
    assert_cuda(cudaErrorInvalidValue, cudaFreeAsync(memory, stream)); /* once */
    cudaGraphExec_t exec = instantiate(stream, &graph, 0), second;
    assert_int_equal(at_first, free_bytes());
    assert_cuda(cudaErrorNotSupported, cudaGraphInstantiate(&second, graph, 0));
    for (int launch = 0; launch < 2; launch++) {
        host[1] = 0;
        ok(cudaGraphLaunch(exec, stream));
        assert_int_equal(9, host[1]);
        assert_int_equal(at_first - MIB, free_bytes());
        assert_int_equal(0, graph_memory(cudaGraphMemAttrUsedMemCurrent));
        assert_int_equal(MIB, graph_memory(cudaGraphMemAttrUsedMemHigh));
        assert_int_equal(MIB, graph_memory(cudaGraphMemAttrReservedMemCurrent));
        assert_cuda(cudaErrorInvalidValue, cudaMemset(memory, 0, 1));
    }
    ok(cudaDeviceGraphMemTrim(0));
    assert_int_equal(at_first, free_bytes());
    ok(cudaGraphLaunch(exec, stream));
    assert_int_equal(at_first - MIB, free_bytes());
    end(stream, graph, exec);
    assert_int_equal(at_first, free_bytes());
    cudaGetLastError();
}

/* Memory that a launch leaves behind is the program's until it frees it, or another graph does; the
 * graph cannot be launched again before, unless it frees what it left itself. */
static void memory_left_behind(void **state)
{
    (void)state;
    const size_t at_first = free_bytes();
    unsigned char *memory;
    cudaGraph_t graph, freeing;
    cudaStream_t stream = begin(cudaStreamCaptureModeGlobal);
    ok(cudaMallocAsync((void **)&memory, MIB, stream));
    cudaGraphExec_t exec = instantiate(stream, &graph, 0);
    ok(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    ok(cudaFreeAsync(memory, stream));
    cudaGraphExec_t frees = instantiate(stream, &freeing, 0);

    ok(cudaGraphLaunch(exec, stream));
    ok(cudaMemset(memory, 1, MIB));
    assert_int_equal(MIB, graph_memory(cudaGraphMemAttrUsedMemCurrent));
    assert_cuda(cudaErrorInvalidValue, cudaGraphLaunch(exec, stream));
    ok(cudaFreeAsync(memory, stream));
    ok(cudaGraphLaunch(exec, stream));
    ok(cudaGraphLaunch(frees, stream));
    assert_cuda(cudaErrorInvalidValue, cudaFreeAsync(memory, stream));
    ok(cudaGraphExecDestroy(frees));
    ok(cudaGraphDestroy(freeing));

    ok(cudaGraphExecDestroy(exec));
    ok(cudaGraphInstantiateWithFlags(&exec, graph, cudaGraphInstantiateFlagAutoFreeOnLaunch));
    for (int launch = 0; launch < 3; launch++) {
        ok(cudaGraphLaunch(exec, stream));
        assert_int_equal(MIB, graph_memory(cudaGraphMemAttrUsedMemCurrent));
    }
    end(stream, graph, exec);
    ok(cudaMemset(memory, 1, MIB)); /* it outlives its graph */
    ok(cudaFree(memory));
    assert_int_equal(at_first, free_bytes());
    cudaGetLastError();
}

/* Only a graph's memory can be freed in one. */
static void other_memory_is_not_freed_in_a_graph(void **state)
{
    (void)state;
    void *plain;
    cudaGraph_t graph;
    ok(cudaMalloc(&plain, 1));
    cudaStream_t stream = begin(cudaStreamCaptureModeGlobal);
    assert_cuda(cudaErrorInvalidValue, cudaFreeAsync(plain, stream));
    ok(cudaStreamEndCapture(stream, &graph));
    ok(cudaGraphDestroy(graph));
    ok(cudaFree(plain));
    ok(cudaStreamDestroy(stream));
    cudaGetLastError();
}

static void a_device_that_is_full(void **state)
{
    (void)state;
    void *memory, *most;
    cudaGraph_t graph;
    cudaStream_t stream = begin(cudaStreamCaptureModeGlobal);
    ok(cudaMallocAsync(&memory, MIB, stream));
    ok(cudaFreeAsync(memory, stream));
    cudaGraphExec_t exec = instantiate(stream, &graph, 0);
    ok(cudaMalloc(&most, free_bytes() - MIB + 1));
    assert_cuda(cudaErrorMemoryAllocation, cudaGraphLaunch(exec, stream));
    ok(cudaFree(most));
    ok(cudaGraphLaunch(exec, stream));
    end(stream, graph, exec);
    cudaGetLastError();
}

static void assert_invalid(cudaStream_t stream)
{
    cudaGraph_t graph = (cudaGraph_t)&graph;
    assert_int_equal(cudaStreamCaptureStatusInvalidated, status_of(stream));
    assert_cuda(cudaErrorStreamCaptureInvalidated, cudaMemsetAsync(NULL, 0, 0, stream));
    assert_cuda(cudaErrorStreamCaptureInvalidated, cudaStreamEndCapture(stream, &graph));
    assert_null(graph);
    assert_int_equal(cudaStreamCaptureStatusNone, status_of(stream));
    ok(cudaStreamDestroy(stream));
    cudaGetLastError();
}

static void what_capture_forbids(void **state)
{
    (void)state;
    void *memory;
    cudaEvent_t event;
    ok(cudaEventCreate(&event));
    cudaStream_t stream = begin(cudaStreamCaptureModeGlobal);
    assert_cuda(cudaErrorStreamCaptureUnsupported, cudaMalloc(&memory, 1));
    assert_invalid(stream);
    stream = begin(cudaStreamCaptureModeThreadLocal);
    assert_cuda(cudaErrorStreamCaptureUnsupported, cudaStreamSynchronize(stream));
    assert_invalid(stream);
    stream = begin(cudaStreamCaptureModeRelaxed);
    assert_cuda(cudaErrorStreamCaptureUnsupported, cudaDeviceSynchronize());
    assert_invalid(stream);
    stream = begin(cudaStreamCaptureModeRelaxed); /* softgpu's own limit */
    assert_cuda(cudaErrorStreamCaptureUnsupported, cudaEventRecord(event, stream));
    assert_invalid(stream);
    assert_cuda(cudaErrorStreamCaptureUnsupported,
                cudaStreamBeginCapture(NULL, cudaStreamCaptureModeRelaxed));
    ok(cudaEventDestroy(event));
    cudaGetLastError();
}

/* What cuDNN and cuBLAS do cannot be captured: they say that they begin (work.h), and the capture
 * has failed. Where nothing is captured they may. */
static void a_library_in_a_capture(void **state)
{
    (void)state;
    cudaStream_t stream = begin(cudaStreamCaptureModeRelaxed);
    {
        SOFTGPU_WORK_NAMED("a library's kernel");
        assert_non_null(__cudaSoftgpuBegin);
    }
    assert_invalid(stream);
    ok(cudaStreamCreate(&stream));
    {
        SOFTGPU_WORK_NAMED("a library's kernel");
    }
    assert_int_equal(cudaStreamCaptureStatusNone, status_of(stream));
    ok(cudaStreamDestroy(stream));
}

/* In the relaxed mode memory may be taken; work elsewhere is done at once. */
static void what_capture_allows(void **state)
{
    (void)state;
    unsigned char *memory;
    cudaGraph_t graph;
    cudaStream_t stream = begin(cudaStreamCaptureModeRelaxed);
    ok(cudaMalloc((void **)&memory, 1));
    ok(cudaMemset(memory, 5, 1)); /* the stream does not wait for the legacy stream */
    assert_int_equal(5, *memory);
    ok(cudaFree(memory));
    ok(cudaStreamEndCapture(stream, &graph));
    ok(cudaGraphDestroy(graph));
    ok(cudaStreamDestroy(stream));

    ok(cudaMalloc((void **)&memory, 1));
    ok(cudaStreamCreate(&stream)); /* one that does */
    ok(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
    assert_cuda(cudaErrorStreamCaptureImplicit, cudaMemset(memory, 5, 1));
    assert_invalid(stream);
    ok(cudaFree(memory));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_done_at_each_launch),
        cmocka_unit_test(memory_of_a_launch),
        cmocka_unit_test(memory_left_behind),
        cmocka_unit_test(other_memory_is_not_freed_in_a_graph),
        cmocka_unit_test(a_device_that_is_full),
        cmocka_unit_test(what_capture_forbids),
        cmocka_unit_test(a_library_in_a_capture),
        cmocka_unit_test(what_capture_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
