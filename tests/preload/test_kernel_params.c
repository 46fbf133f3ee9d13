#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "emit.h"
#include "fake_vendor.h"
#include "kernel_params.h"
#include "recorder.h"
#include "string_table.h"

static char memory[4096]; /* stands for device memory */

static struct {
    unsigned calls;
    struct gp_record_call call;
    uint64_t operands[2048];
} last;

static void take(uint64_t head, const void *payload, void *data)
{
    (void)data;
    if (gp_head_type(head) != GP_RECORD_CALL)
        return;
    memcpy(&last.call, payload, sizeof last.call);
    memcpy(last.operands, (const char *)payload + sizeof last.call,
           last.call.n_operands * sizeof last.operands[0]);
    last.calls++;
}

static void launch(const struct fake_kernel *kernel, void **arguments)
{
    last.calls = 0;
    gp_emit_launch(GP_API_cudaLaunchKernel, kernel, arguments);
    recorder_read(take, NULL);
    assert_int_equal(last.calls, 1);
    assert_int_equal(last.call.api, GP_API_cudaLaunchKernel);
}

static int allocate(void **state)
{
    if (recorder_start(state) != 0)
        return -1;
    gp_emit_alloc(GP_API_cudaMalloc, memory, sizeof memory, GP_SPACE_DEVICE, NULL);
    return 0;
}

static void test_addresses_in_any_parameter(void **state)
{
    (void)state;
    static const struct fake_kernel kernel = {"update", 4, {8, 4, 40, 2}};
    struct {
        char *pointers[3];
        uint64_t n;
        float rate;
    } list = {{memory + 100, NULL, memory + 4095}, 7, 0.5f};
    char *first = memory;
    float scale = 1;
    short flag = 1;
    void *arguments[] = {&first, &scale, &list, &flag};
    launch(&kernel, arguments);
    assert_int_equal(last.call.n_operands, 3);
    assert_int_equal(last.operands[0], (uintptr_t)memory);
    assert_int_equal(last.operands[1], (uintptr_t)memory + 100);
    assert_int_equal(last.operands[2], (uintptr_t)memory + 4095);
    assert_int_equal(last.call.aux, gp_string("update"));

    first = memory + sizeof memory; /* the first byte behind it is no part of it */
    list.pointers[0] = list.pointers[2] = NULL;
    launch(&kernel, arguments);
    assert_int_equal(last.call.n_operands, 0);
}

static void test_no_parameters(void **state)
{
    (void)state;
    static const struct fake_kernel kernel = {"nothing", 0, {0}};
    launch(&kernel, NULL);
    assert_int_equal(last.call.n_operands, 0);
    assert_int_equal(last.call.aux, gp_string("nothing"));
}

static void test_asked_once(void **state)
{
    (void)state;
    static const struct fake_kernel kernel = {"once", 0, {0}};
    const unsigned asked = fake_vendor.asked_kernel;
    for (int i = 0; i < 5; i++)
        launch(&kernel, NULL);
    assert_int_equal(fake_vendor.asked_kernel, asked + 1);
}

/* A failed query would take the place of an error that waits for the program: it is put off. */
static void test_an_error_waits(void **state)
{
    (void)state;
    static const struct fake_kernel kernel = {"later", 1, {8}};
    char *pointer = memory;
    void *arguments[] = {&pointer};
    const unsigned asked = fake_vendor.asked_kernel;
    fake_vendor.error_waits = true;
    launch(&kernel, arguments);
    assert_int_equal(fake_vendor.asked_kernel, asked);
    assert_int_equal(last.call.aux, 0);
    fake_vendor.error_waits = false;
    launch(&kernel, arguments);
    assert_int_equal(last.call.n_operands, 1);
    assert_int_equal(last.call.aux, gp_string("later"));
}

static void test_as_many_as_a_record_takes(void **state)
{
    (void)state;
    static const struct fake_kernel kernel = {"many", 1, {2000 * sizeof(char *)}};
    static char *pointers[2000];
    void *arguments[] = {pointers};
    for (unsigned i = 0; i < 2000; i++)
        pointers[i] = memory + i;
    launch(&kernel, arguments);
    assert_int_equal(last.call.n_operands, 1000);
    assert_int_equal(last.operands[999], (uintptr_t)memory + 999);
}

/* More kernels than are kept: those beyond are recorded without a name. */
static void test_too_many_kernels(void **state)
{
    (void)state;
    enum {
        MANY = 5000
    };
    struct fake_kernel *kernels = calloc(MANY, sizeof *kernels);
    for (unsigned i = 0; i < MANY; i++)
        launch(&kernels[i], NULL);
    assert_int_equal(last.call.aux, 0);
    assert_int_equal(gp_writer_header(&gp_writer)->events_lost, 0);
    free(kernels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_in_any_parameter),
        cmocka_unit_test(test_no_parameters),
        cmocka_unit_test(test_asked_once),
        cmocka_unit_test(test_an_error_waits),
        cmocka_unit_test(test_as_many_as_a_record_takes),
        cmocka_unit_test(test_too_many_kernels),
    };
    return cmocka_run_group_tests(tests, allocate, recorder_stop);
}
