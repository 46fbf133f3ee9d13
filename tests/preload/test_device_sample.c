/* When the driver is asked: around the first allocation and handles, and in the steps that
   GRAPHPROF_PROBE_STEP asks for. The capture is read as a line of words. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "device_sample.h"
#include "emit.h"
#include "fake_vendor.h"
#include "ranges.h"
#include "recorder.h"
#include "step_filter.h"

#define MIB (UINT64_C(1) << 20)

static char line[4096];
static char memory[100];

static void say(const char *word) { strncat(line, word, sizeof line - strlen(line) - 1); }

static void take(uint64_t head, const void *payload, void *data)
{
    static const char *const moments[] = {"end",         "begin",         "before_first",
                                          "after_first", "before_handle", "after_handle",
                                          "before_call", "after_call",    "probe"};
    (void)data;
    if (gp_head_type(head) == GP_RECORD_DEVICE_SAMPLE) {
        const struct gp_record_device_sample *sample = payload;
        assert_int_equal(sample->device, 0);
        assert_int_equal(sample->free_bytes, 1000);
        const bool has_nvml = sample->moment < GP_SAMPLE_BEFORE_CALL;
        assert_int_equal(sample->nvml_scope, has_nvml ? GP_NVML_PROCESS : GP_NVML_UNKNOWN);
        assert_int_equal(sample->nvml_used_bytes, has_nvml ? 77 : UINT64_MAX);
        say(moments[sample->moment]);
        say(" ");
    } else if (gp_head_type(head) == GP_RECORD_ALLOC) {
        say("alloc ");
    }
}

static void expect(const char *expected)
{
    line[0] = '\0';
    recorder_read(take, NULL);
    assert_string_equal(line, expected);
}

/* As a wrapper does it. */
static void allocate(uint64_t bytes)
{
    if (gp_device_sample_is_first())
        gp_device_sample_before_alloc();
    gp_emit_alloc(GP_API_cudaMalloc, memory, bytes, GP_SPACE_DEVICE, NULL);
    gp_device_sample_after_alloc(bytes);
}
static void call(void)
{
    gp_device_sample_before_call();
    gp_device_sample_after_call();
}
static void handle(void)
{
    gp_device_sample_before_handle();
    gp_device_sample_after_handle();
}
static void push(void) { gp_range_push(0, gp_name_of("step", 4), true); }
static void pop(void) { gp_range_pop(0, true); }

/* The whole file is one life of the recorder. */
static void test_no_context_is_made(void **state)
{
    (void)state;
    handle();
    call();
    assert_int_equal(fake_vendor.asked_driver, 0);
    expect("");
    fake_vendor.has_context = true;
    handle();
    call();
    expect("before_handle after_handle before_call after_call ");
}

static void test_the_first_allocation(void **state)
{
    (void)state;
    allocate(8);
    allocate(8 * MIB);
    expect("before_first alloc after_first alloc ");
}

static void test_up_to_the_probed_step(void **state)
{
    (void)state;
    push(); /* step 0 */
    call();
    allocate(8 * MIB);
    pop();
    expect("begin before_call after_call alloc end ");
    push(); /* the probed one */
    call();
    allocate(MIB - 1);
    allocate(MIB);
    gp_device_sample_after_alloc(0); /* of the host */
    pop();
    expect("begin before_call after_call alloc alloc probe end ");
    push();
    call();
    allocate(8 * MIB);
    pop();
    expect("alloc end ");
}

static void test_the_first_timed_step(void **state)
{
    (void)state;
    fake_vendor.has_cupti = true;
    assert_true(gp_step_filter_time_steps("all"));
    for (int i = 0; i < 2; i++) {
        push();
        call();
        pop();
    }
    expect("before_call after_call end ");
}

static void test_handles_over_and_over(void **state)
{
    (void)state;
    const unsigned asked = fake_vendor.asked_driver;
    for (int i = 0; i < 100; i++)
        handle();
    assert_in_range(fake_vendor.asked_driver - asked, 2, 32);
    recorder_skip();
}

static int start(void **state)
{
    setenv("GRAPHPROF_PROBE_STEP", "1", 1);
    const int status = recorder_start(state);
    gp_device_sample_start();
    gp_step_filter_time_steps("none");
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_context_is_made),    cmocka_unit_test(test_the_first_allocation),
        cmocka_unit_test(test_up_to_the_probed_step), cmocka_unit_test(test_the_first_timed_step),
        cmocka_unit_test(test_handles_over_and_over),
    };
    return cmocka_run_group_tests(tests, start, recorder_stop);
}
