/*
 * SOFTGPU_MEMORY, SOFTGPU_FAIL_ALLOC and SOFTGPU_POISON. The environment is read once a process:
 * each case is a child, which answers with its exit status and what it said on stderr.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacities),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(an_allocation_can_be_made_to_fail),
        cmocka_unit_test(new_memory_can_be_poisoned),
    };
    return cmocka_run_group_tests_name("softgpu environment", tests, NULL, NULL);
}
