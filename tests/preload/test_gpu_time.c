/* When CUPTI is switched on and off, and what of it is recorded. CUPTI itself is fake_vendor.c's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "emit.h"
#include "fake_vendor.h"
#include "gpu_time.h"
#include "ranges.h"
#include "recorder.h"
#include "step_filter.h"

static char line[4096];

static void say(const char *word) { strncat(line, word, sizeof line - strlen(line) - 1); }

static void take(uint64_t head, const void *payload, void *data)
{
    (void)data;
    switch (gp_head_type(head)) {
    case GP_RECORD_TIMED: {
        const struct gp_record_timed *timed = payload;
        assert_int_equal(timed->gpu_clock_ns, 4242);
        say(timed->on ? "on " : "off ");
        break;
    }
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_START:
        say("step ");
        break;
    case GP_RECORD_RANGE_POP:
    case GP_RECORD_RANGE_END:
        say("end ");
        break;
    default:
        break;
    }
}

static void expect(const char *expected)
{
    assert_string_equal(recorder_line(line, take), expected);
}

int InitializeInjection(void); /* what the driver calls */

static struct gp_name named(const char *text) { return gp_name_of(text, (unsigned)strlen(text)); }
static void push(void) { gp_range_push(0, named("step"), true); }
static void pop(void) { gp_range_pop(0, true); }

/* The whole file is one life of the recorder: it remembers whether CUPTI was there. */
static void test_none_is_never_started(void **state)
{
    (void)state;
    assert_true(gp_step_filter_time_steps("none"));
    for (int i = 0; i < 3; i++) {
        push();
        pop();
    }
    assert_int_equal(fake_vendor.cupti_starts, 0);
    expect("step end step end step end ");
}

static void test_the_driver_brings_it_in(void **state)
{
    (void)state;
    assert_true(gp_step_filter_time_steps("none"));
    assert_int_equal(InitializeInjection(), 1);
    assert_int_equal(fake_vendor.cupti_starts, 0);
    assert_true(gp_step_filter_time_steps("all"));
    fake_vendor.idle = true;
    assert_int_equal(InitializeInjection(), 1);
    assert_int_equal(fake_vendor.handed_over, 1);
    assert_int_equal(fake_vendor.cupti_starts, 0);
    fake_vendor.idle = false;
}

/* Before the program has used CUDA, CUPTI would initialise the driver for it. */
static void test_not_before_the_driver(void **state)
{
    (void)state;
    fake_vendor.has_cupti = true;
    fake_vendor.no_driver = true;
    assert_true(gp_step_filter_time_steps("all"));
    push();
    pop();
    assert_int_equal(fake_vendor.cupti_starts, 0);
    fake_vendor.no_driver = false;
    expect("step end ");
}

static void test_every_other_step(void **state)
{
    (void)state;
    assert_true(gp_step_filter_time_steps("every:2"));
    for (int i = 0; i < 4; i++) { /* the 5th to 8th step */
        push();
        pop();
    }
    expect("step end on step end off step end on step end off ");
    assert_int_equal(fake_vendor.cupti_starts, 1);
    assert_int_equal(InitializeInjection(), 1); /* it is there already */
    assert_int_equal(fake_vendor.cupti_starts, 1);
    assert_int_equal(fake_vendor.cupti_flushes, 1); /* at the begin of the step after */
}

/* A second thread's step, here simply a step that begins before another ends. */
static void test_overlapping_steps_change_nothing(void **state)
{
    (void)state;
    assert_true(gp_step_filter_time_steps("all"));
    gp_gpu_time_step_begins(0, true);
    assert_true(fake_vendor.cupti_records);
    gp_gpu_time_step_pushed();
    assert_true(gp_step_filter_time_steps("none"));
    gp_gpu_time_step_begins(1, true);
    gp_gpu_time_step_pushed();
    assert_true(fake_vendor.cupti_records);
    gp_gpu_time_step_popped();
    assert_true(fake_vendor.cupti_records);
    gp_gpu_time_step_popped();
    assert_false(fake_vendor.cupti_records);
    expect("on off ");
}

static void test_steps_not_recorded_are_not_timed(void **state)
{
    (void)state;
    assert_true(gp_step_filter_time_steps("all"));
    gp_gpu_time_step_begins(0, false);
    assert_false(fake_vendor.cupti_records);
    expect("");
}

/* A step that is started and ended: the next step's begin ends it. */
static void test_started_steps(void **state)
{
    (void)state;
    assert_true(gp_step_filter_time_steps("all"));
    const uint64_t range = gp_range_start(0, named("step"));
    gp_range_end(0, range);
    assert_true(gp_step_filter_time_steps("none"));
    gp_range_end(0, gp_range_start(0, named("step")));
    expect("on step end off step end ");
}

static void test_finish(void **state)
{
    (void)state;
    assert_true(gp_step_filter_time_steps("all"));
    push();
    gp_gpu_time_finish(); /* the program exits inside the step */
    assert_false(fake_vendor.cupti_records);
    pop();
    push();
    pop();
    expect("on step off end step end ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_is_never_started),
        cmocka_unit_test(test_the_driver_brings_it_in),
        cmocka_unit_test(test_not_before_the_driver),
        cmocka_unit_test(test_every_other_step),
        cmocka_unit_test(test_overlapping_steps_change_nothing),
        cmocka_unit_test(test_steps_not_recorded_are_not_timed),
        cmocka_unit_test(test_started_steps),
        cmocka_unit_test(test_finish),
    };
    return cmocka_run_group_tests(tests, recorder_start, recorder_stop);
}
