/*
 * SOFTGPU_MEMORY, SOFTGPU_FAIL_ALLOC, SOFTGPU_POISON and SOFTGPU_DEVICES. The environment is read
 * once a process: each case is a child, which answers with its exit status and what it said on
 * stderr.
 */
#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cmocka_all.h"

static char said[1000];

/* Runs body in a child that has name=value; its exit status, its stderr in `said`. */
static int in_child(const char *name, const char *value, int (*body)(void))
{
    int ends[2];
    assert_int_equal(0, pipe(ends));
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        setenv(name, value, 1);
        _exit(body());
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], said + length, sizeof said - 1 - length)) > 0)
        length += (size_t)got;
    said[length] = '\0';
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static size_t total(void)
{
    size_t free_bytes, total_bytes = 0;
    return cudaMemGetInfo(&free_bytes, &total_bytes) == cudaSuccess ? total_bytes : 0;
}

static int has_4096(void) { return total() != 4096; }
static int has_3_mib(void) { return total() != (size_t)3 << 20; }
static int has_2_gib(void) { return total() != (size_t)2 << 30; }

static void capacities(void **state)
{
    (void)state;
    assert_int_equal(0, in_child("SOFTGPU_MEMORY", "4096", has_4096));
    assert_int_equal(0, in_child("SOFTGPU_MEMORY", "4K", has_4096));
    assert_int_equal(0, in_child("SOFTGPU_MEMORY", "3m", has_3_mib));
    assert_int_equal(0, in_child("SOFTGPU_MEMORY", "2G", has_2_gib));
}

static int every_call_fails(void)
{
    void *p;
    int count;
    return cudaGetDeviceCount(&count) != cudaErrorInitializationError ||
           cudaMalloc(&p, 1) != cudaErrorInitializationError ||
           cudaDeviceSynchronize() != cudaErrorInitializationError ||
           cudaGetLastError() != cudaErrorInitializationError ||
           cudaGetLastError() != cudaErrorInitializationError;
}

static void assert_refused(const char *name, const char *value)
{
    char begin[100];
    snprintf(begin, sizeof begin, "softgpu: %s='%s': expected ", name, value);
    assert_int_equal(0, in_child(name, value, every_call_fails));
    assert_memory_equal(begin, said, strlen(begin));
    assert_ptr_equal(said + strlen(said) - 1, strchr(said, '\n')); /* one line */
}

static void bad_values(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "0",
                                      "8X",
                                      "8GB",
                                      "-1",
                                      "1.5G",
                                      " 1",
                                      "0x10",
                                      "G",
                                      "99999999999999999999",
                                      "99999999999G"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused("SOFTGPU_MEMORY", bad[i]);
    assert_refused("SOFTGPU_FAIL_ALLOC", "0");
    assert_refused("SOFTGPU_FAIL_ALLOC", "third");
    assert_refused("SOFTGPU_POISON", "1");
    assert_refused("SOFTGPU_DEVICES", "");
    assert_refused("SOFTGPU_DEVICES", "0");
    assert_refused("SOFTGPU_DEVICES", "17");
    assert_refused("SOFTGPU_DEVICES", "two");
    assert_refused("SOFTGPU_DEVICES", "2,3");
}

static int the_third_fails(void)
{
    void *p, *pinned;
    size_t pitch;
    return cudaMalloc(&p, 10) != cudaSuccess || cudaMallocHost(&pinned, 10) != cudaSuccess ||
           cudaMallocAsync(&p, 10, 0) != cudaSuccess ||
           cudaMallocPitch(&p, &pitch, 10, 10) != cudaErrorMemoryAllocation ||
           cudaMallocPitch(&p, &pitch, 10, 10) != cudaSuccess;
}

static void an_allocation_can_be_made_to_fail(void **state)
{
    (void)state;
    assert_int_equal(0, in_child("SOFTGPU_FAIL_ALLOC", "3", the_third_fails));
}

static int is_all_ff(void)
{
    unsigned char *p;
    for (size_t bytes = 1000; bytes < 2000000; bytes *= 10)
        for (int again = 0; again < 2; again++) {
            if (cudaMalloc((void **)&p, bytes) != cudaSuccess)
                return 1;
            for (size_t i = 0; i < bytes; i++)
                if (p[i] != 0xff)
                    return 2;
            cudaMemset(p, 0, bytes);
            cudaFree(p);
        }
    return 0;
}

static void new_memory_can_be_poisoned(void **state)
{
    (void)state;
    assert_int_equal(0, in_child("SOFTGPU_POISON", "yes", is_all_ff));
    assert_int_equal(2, in_child("SOFTGPU_POISON", "no", is_all_ff));
}

/* Bytes of the current device that are in use. */
static size_t used(void)
{
    size_t free_bytes = 0, total_bytes = 0;
    return cudaMemGetInfo(&free_bytes, &total_bytes) == cudaSuccess ? total_bytes - free_bytes : 0;
}
static size_t used_on(int device) { return cudaSetDevice(device) == cudaSuccess ? used() : 0; }

static int device_of(const void *address)
{
    struct cudaPointerAttributes attributes = {.device = -1};
    return cudaPointerGetAttributes(&attributes, address) == cudaSuccess ? attributes.device : -1;
}

/* Each step is 0 if all is well; the first that is not is the answer. */
static int two_devices(void)
{
    int count = 0, device = -1;
    void *on_0, *on_1, *ordered;
    cudaStream_t stream;
    struct cudaDeviceProp properties;
    if (cudaGetDeviceCount(&count) != cudaSuccess || count != 2 ||
        cudaGetDevice(&device) != cudaSuccess || device != 0)
        return 1;
    if (cudaSetDevice(2) != cudaErrorInvalidDevice || cudaSetDevice(-1) != cudaErrorInvalidDevice)
        return 2;
    if (cudaGetDeviceProperties(&properties, 1) != cudaSuccess ||
        strcmp(properties.name, "softgpu (CPU)") != 0 ||
        cudaGetDeviceProperties(&properties, 2) != cudaErrorInvalidDevice)
        return 3;
    if (cudaMalloc(&on_0, 1000) != cudaSuccess || cudaSetDevice(1) != cudaSuccess || used() != 0)
        return 4;
    if (cudaMalloc(&on_1, 300) != cudaSuccess || cudaStreamCreate(&stream) != cudaSuccess ||
        used() != 300 || used_on(0) != 1000 || device_of(on_0) != 0 || device_of(on_1) != 1)
        return 5;
    /* The stream's device gives the memory, whatever is current; a block is freed where it lies. */
    if (cudaMallocAsync(&ordered, 50, stream) != cudaSuccess || device_of(ordered) != 1 ||
        used_on(0) != 1000 || used_on(1) != 350)
        return 6;
    if (cudaStreamGetDevice(stream, &device) != cudaSuccess || device != 1 ||
        cudaSetDevice(0) != cudaSuccess || cudaStreamGetDevice(0, &device) != cudaSuccess || device)
        return 7;
    if (cudaFree(on_1) != cudaSuccess || used_on(0) != 1000 || used_on(1) != 50)
        return 8;
    /* A reset ends what is on the current device. */
    if (cudaSetDevice(0) != cudaSuccess || cudaDeviceReset() != cudaSuccess || used() != 0 ||
        used_on(1) != 50 || cudaFreeAsync(ordered, stream) != cudaSuccess)
        return 9;
    return 0;
}

static int pools_of_two_devices(void)
{
    cudaMemPool_t first, second, made;
    void *block;
    const struct cudaMemPoolProps properties = {.allocType = cudaMemAllocationTypePinned,
                                                .location = {cudaMemLocationTypeDevice, 1}};
    if (cudaDeviceGetDefaultMemPool(&first, 0) != cudaSuccess ||
        cudaDeviceGetDefaultMemPool(&second, 1) != cudaSuccess || first == second ||
        cudaDeviceGetDefaultMemPool(&second, 2) != cudaErrorInvalidDevice)
        return 1;
    if (cudaMemPoolCreate(&made, &properties) != cudaSuccess ||
        cudaMallocFromPoolAsync(&block, 70, made, 0) != cudaSuccess || device_of(block) != 1 ||
        used_on(0) != 0 || used_on(1) != 70)
        return 2;
    if (cudaDeviceSetMemPool(0, made) != cudaErrorInvalidValue ||
        cudaDeviceSetMemPool(1, made) != cudaSuccess)
        return 3;
    /* Either device may be full of its own. */
    if (cudaMalloc(&block, 4096 - 70) != cudaSuccess || used() != 4096 ||
        cudaMalloc(&block, 1) != cudaErrorMemoryAllocation || used_on(0) != 0 ||
        cudaMalloc(&block, 4096) != cudaSuccess)
        return 4;
    return 0;
}

static void several_devices(void **state)
{
    (void)state;
    assert_int_equal(0, in_child("SOFTGPU_DEVICES", "2", two_devices));
    setenv("SOFTGPU_MEMORY", "4096", 1);
    assert_int_equal(0, in_child("SOFTGPU_DEVICES", "2", pools_of_two_devices));
    unsetenv("SOFTGPU_MEMORY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacities),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(an_allocation_can_be_made_to_fail),
        cmocka_unit_test(new_memory_can_be_poisoned),
        cmocka_unit_test(several_devices),
    };
    return cmocka_run_group_tests_name("softgpu environment", tests, NULL, NULL);
}
