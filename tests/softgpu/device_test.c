/* The device, streams, events, errors, and many threads at once. */
#include <cuda_runtime_api.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "cmocka_all.h"

static void the_device_says_what_it_is(void **state)
{
    (void)state;
    int count = 0, device = -1, version = 0, pools = 0;
    struct cudaDeviceProp prop;
    ok(cudaGetDeviceCount(&count));
    assert_int_equal(1, count);
    ok(cudaSetDevice(0));
    assert_cuda(cudaErrorInvalidDevice, cudaSetDevice(1));
    ok(cudaGetDevice(&device));
    assert_int_equal(0, device);
    ok(cudaGetDeviceProperties(&prop, 0));
    assert_string_equal("softgpu (CPU)", prop.name);
    assert_int_equal((size_t)1 << 30, prop.totalGlobalMem);
    ok(cudaRuntimeGetVersion(&version));
    assert_int_equal(CUDART_VERSION, version);
    version = 0;
    ok(cudaDriverGetVersion(&version));
    assert_true(version >= CUDART_VERSION);
    ok(cudaDeviceGetAttribute(&pools, cudaDevAttrMemoryPoolsSupported, 0));
    assert_int_equal(1, pools);
    assert_cuda(cudaErrorInvalidValue,
                cudaDeviceGetAttribute(&pools, (enum cudaDeviceAttr)9999, 0));
}

static void errors_are_the_threads_own(void **state)
{
    (void)state;
    cudaGetLastError();
    assert_cuda(cudaErrorInvalidDevice, cudaSetDevice(7));
    ok(cudaSetDevice(0)); /* success does not clear it */
    assert_cuda(cudaErrorInvalidDevice, cudaPeekAtLastError());
    assert_cuda(cudaErrorInvalidDevice, cudaGetLastError());
    ok(cudaGetLastError());
    assert_string_equal("cudaErrorMemoryAllocation", cudaGetErrorName(cudaErrorMemoryAllocation));
    assert_string_equal("out of memory", cudaGetErrorString(cudaErrorMemoryAllocation));
    assert_string_equal("unrecognized error code", cudaGetErrorString((cudaError_t)54321));
}

static void streams(void **state)
{
    (void)state;
    cudaStream_t stream;
    unsigned flags = 99;
    ok(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    ok(cudaStreamGetFlags(stream, &flags));
    assert_int_equal(cudaStreamNonBlocking, flags);
    ok(cudaStreamQuery(stream));
    ok(cudaStreamQuery(cudaStreamPerThread));
    ok(cudaStreamDestroy(stream));
    assert_cuda(cudaErrorInvalidResourceHandle, cudaStreamSynchronize(stream));
    assert_cuda(cudaErrorInvalidResourceHandle, cudaStreamDestroy(stream));
}

static void events_measure_time(void **state)
{
    (void)state;
    cudaEvent_t start, stop, untimed;
    float ms = -1;
    ok(cudaEventCreate(&start));
    ok(cudaEventCreate(&stop));
    ok(cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming));
    ok(cudaEventQuery(stop));
    assert_cuda(cudaErrorInvalidResourceHandle, cudaEventElapsedTime(&ms, start, stop));
    ok(cudaEventRecord(start, 0));
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    ok(cudaEventRecord(stop, 0));
    ok(cudaEventRecord(untimed, 0));
    ok(cudaStreamWaitEvent(0, untimed, 0));
    ok(cudaEventSynchronize(stop));
    ok(cudaEventElapsedTime(&ms, start, stop));
    assert_true(ms >= 20.0f);
    ok(cudaEventElapsedTime(&ms, stop, start));
    assert_true(ms <= -20.0f);
    assert_cuda(cudaErrorInvalidResourceHandle, cudaEventElapsedTime(&ms, start, untimed));
    ok(cudaEventDestroy(start));
    ok(cudaEventDestroy(stop));
    ok(cudaEventDestroy(untimed));
    assert_cuda(cudaErrorInvalidResourceHandle, cudaEventRecord(start, 0));
}

enum {
    THREADS = 8,
    ROUNDS = 500,
    LIVE = 16
};

/* Each thread writes its own number into what it holds: a block given out twice shows. */
struct worker {
    pthread_t thread;
    int number;
    int wrong; /* what it found amiss */
};

static void *allocate(void *argument)
{
    struct worker *const worker = argument;
    const int number = worker->number;
    unsigned seed = (unsigned)number;
    int *live[LIVE] = {NULL};
    int wrong = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const int slot = rand_r(&seed) % LIVE;
        const size_t count = (size_t)(rand_r(&seed) % 100000) + 1;
        if (live[slot]) {
            wrong += live[slot][0] != number;
            wrong += (slot % 2 ? cudaFree(live[slot]) : cudaFreeAsync(live[slot], 0)) != 0;
        }
        live[slot] = NULL;
        if ((slot % 2 ? cudaMalloc((void **)&live[slot], count * sizeof(int))
                      : cudaMallocAsync((void **)&live[slot], count * sizeof(int), 0)) != 0) {
            wrong++;
            continue;
        }
        live[slot][0] = live[slot][count - 1] = number;
    }
    for (int slot = 0; slot < LIVE; slot++)
        wrong += live[slot] && cudaFree(live[slot]) != 0;
    worker->wrong = wrong;
    return NULL;
}

static void threads_share_the_device(void **state)
{
    (void)state;
    struct worker workers[THREADS] = {{0}};
    cudaGetLastError();
    for (int i = 0; i < THREADS; i++) {
        workers[i].number = i;
        assert_int_equal(0, pthread_create(&workers[i].thread, NULL, allocate, &workers[i]));
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(0, workers[i].wrong);
    }
    ok(cudaDeviceSynchronize());
    size_t free_bytes, total_bytes;
    ok(cudaMemGetInfo(&free_bytes, &total_bytes));
    assert_int_equal(total_bytes, free_bytes);
}

int main(void)
{
    setenv("SOFTGPU_MEMORY", "1G", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_device_says_what_it_is),
        cmocka_unit_test(errors_are_the_threads_own),
        cmocka_unit_test(streams),
        cmocka_unit_test(events_measure_time),
        cmocka_unit_test(threads_share_the_device),
    };
    return cmocka_run_group_tests_name("softgpu device", tests, NULL, NULL);
}
