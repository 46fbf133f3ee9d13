/*
 * Launches: nvcc's host code, linked against CUDA's own libcudart and run on softgpu's, which is
 * how a program meets it.
 */
#include <cuda_runtime_api.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cmocka_all.h"
#include "launch_kernels.h"

enum {
    COUNT = 1000
};

static float value_after(struct pointer_list list)
{
    float first, last;
    cudaMemcpy(&first, list.pointers[1], sizeof first, cudaMemcpyDeviceToHost);
    cudaMemcpy(&last, list.pointers[1] + COUNT - 1, sizeof last, cudaMemcpyDeviceToHost);
    return first == last ? first : -1;
}

static struct pointer_list make_list(void)
{
    struct pointer_list list = {.count = 2};
    for (int k = 0; k < 2; k++)
        ok(cudaMalloc((void **)&list.pointers[k], COUNT * sizeof(float)));
    return list;
}

static void end_list(struct pointer_list list)
{
    for (int k = 0; k < 2; k++)
        ok(cudaFree(list.pointers[k]));
}

static void every_way_to_launch(void **state)
{
    (void)state;
    struct pointer_list list = make_list();
    float value = 5;
    char sign = -1;
    size_t count = COUNT;
    void *args[] = {&list, &value, &sign, &count};
    const dim3 grid = {4, 1, 1}, block = {64, 1, 1};
    cudaKernel_t kernel;

    launch_fill_list(list, 3, 2, COUNT, 128);
    ok(cudaGetLastError());
    assert_float_equal(6, value_after(list), 0);

    ok(cudaLaunchKernel(host_fill_list(), grid, block, args, 0, 0));
    assert_float_equal(-5, value_after(list), 0);

    value = 7;
    ok(cudaLaunchCooperativeKernel(host_fill_list(), grid, block, args, 0, 0));
    assert_float_equal(-7, value_after(list), 0);

    value = 9;
    const cudaLaunchConfig_t config = {.gridDim = grid, .blockDim = block};
    ok(cudaGetKernel(&kernel, host_fill_list()));
    ok(cudaLaunchKernelExC(&config, (const void *)kernel, args));
    assert_float_equal(-9, value_after(list), 0);
    end_list(list);
}

/* Captured, a launch keeps its parameters as they were. */
static void a_launch_in_a_graph(void **state)
{
    (void)state;
    struct pointer_list list = make_list();
    float value = 5;
    char sign = -1;
    size_t count = COUNT;
    void *args[] = {&list, &value, &sign, &count};
    const dim3 grid = {4, 1, 1}, block = {64, 1, 1};
    cudaStream_t stream;
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    ok(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    ok(cudaMemset(list.pointers[1], 0, COUNT * sizeof(float)));
    ok(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    ok(cudaLaunchKernel(host_fill_list(), grid, block, args, 0, stream));
    ok(cudaStreamEndCapture(stream, &graph));
    assert_float_equal(0, value_after(list), 0);
    value = 8;
    ok(cudaGraphInstantiate(&exec, graph, 0));
    ok(cudaGraphDestroy(graph)); /* the executable graph has nodes of its own */
    ok(cudaGraphLaunch(exec, stream));
    assert_float_equal(-5, value_after(list), 0);
    ok(cudaGraphExecDestroy(exec));
    ok(cudaStreamDestroy(stream));
    end_list(list);
}

static void wrong_shapes_are_refused(void **state)
{
    (void)state;
    struct pointer_list list = make_list();
    launch_fill_list(list, 3, 2, COUNT, 1025);
    assert_cuda(cudaErrorInvalidConfiguration, cudaGetLastError());
    launch_fill_list(list, 3, 2, COUNT, 0);
    assert_cuda(cudaErrorInvalidConfiguration, cudaGetLastError());
    end_list(list);
}

static void a_kernel_tells_its_name_and_parameters(void **state)
{
    (void)state;
    static const size_t sizes[] = {sizeof(struct pointer_list), sizeof(float), sizeof(char),
                                   sizeof(size_t)};
    static const size_t offsets[] = {0, 40, 44, 48}; /* what nvcc lays out */
    const char *name = NULL;
    cudaKernel_t kernel;
    ok(cudaGetKernel(&kernel, host_fill_list()));
    const void *const ways[] = {host_fill_list(), (const void *)kernel};
    for (int way = 0; way < 2; way++) {
        ok(cudaFuncGetName(&name, ways[way]));
        assert_string_equal("fill_list", name);
        for (size_t i = 0; i < 4; i++) {
            size_t offset = 99, bytes = 99;
            ok(cudaFuncGetParamInfo(ways[way], i, &offset, &bytes));
            assert_int_equal(sizes[i], bytes);
            assert_int_equal(offsets[i], offset);
        }
        size_t offset, bytes;
        assert_cuda(cudaErrorInvalidValue, cudaFuncGetParamInfo(ways[way], 4, &offset, &bytes));
    }
    assert_cuda(cudaErrorInvalidDeviceFunction, cudaFuncGetName(&name, &kernel));
    struct cudaFuncAttributes attributes;
    ok(cudaFuncGetAttributes(&attributes, host_fill_list()));
    assert_int_equal(1024, attributes.maxThreadsPerBlock);
    int blocks = 0;
    ok(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, host_fill_list(), 1024, 0));
    assert_int_equal(2, blocks);
}

static void a_kernel_without_a_body_fails_by_name(void **state)
{
    (void)state;
    char said[300] = "";
    float *x;
    int ends[2];
    assert_int_equal(0, pipe(ends));
    const int kept = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    ok(cudaMalloc((void **)&x, sizeof *x));
    launch_has_no_body(x);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    const ssize_t length = read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    assert_cuda(cudaErrorInvalidDeviceFunction, cudaGetLastError());
    assert_true(length > 0);
    assert_non_null(strstr(said, "softgpu: kernel has_no_body has no CPU body in "));
    assert_cuda(cudaErrorInvalidDeviceFunction,
                cudaLaunchKernel(&ends, (dim3){1, 1, 1}, (dim3){1, 1, 1}, NULL, 0, 0));
    cudaGetLastError();
    ok(cudaFree(x));
}

struct worker {
    pthread_t thread;
    float number;
    int wrong; /* what it found amiss */
};

static void *launch_many(void *argument)
{
    struct worker *const worker = argument;
    const float own = worker->number;
    struct pointer_list list = {.count = 2};
    int wrong = 0;
    for (int k = 0; k < 2; k++)
        wrong += cudaMalloc((void **)&list.pointers[k], COUNT * sizeof(float)) != cudaSuccess;
    for (int i = 0; i < 300 && !wrong; i++) {
        launch_fill_list(list, own, (char)(i % 100), COUNT, 32);
        wrong += value_after(list) != own * (float)(i % 100);
    }
    for (int k = 0; k < 2; k++)
        wrong += cudaFree(list.pointers[k]) != cudaSuccess;
    worker->wrong = wrong;
    return NULL;
}

static void threads_launch_at_once(void **state)
{
    (void)state;
    struct worker workers[8] = {{0}};
    for (int i = 0; i < 8; i++) {
        workers[i].number = (float)(i + 1);
        assert_int_equal(0, pthread_create(&workers[i].thread, NULL, launch_many, &workers[i]));
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(0, workers[i].wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_launch),
        cmocka_unit_test(a_launch_in_a_graph),
        cmocka_unit_test(wrong_shapes_are_refused),
        cmocka_unit_test(a_kernel_tells_its_name_and_parameters),
        cmocka_unit_test(a_kernel_without_a_body_fails_by_name),
        cmocka_unit_test(threads_launch_at_once),
    };
    return cmocka_run_group_tests_name("softgpu launches", tests, NULL, NULL);
}
