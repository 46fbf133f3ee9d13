/* Which ranges are steps, and which of them count. */
#include "fixture.h"
#include "small_training.h"

#include <stdio.h>
#include <string.h>

/* A range with another inside, 100 ns in all. */
static void range(uint32_t thread, const char *name, const char *inner)
{
    build_push(&builder, thread, name);
    builder.now_ns += 50;
    build_push(&builder, thread, inner);
    builder.now_ns += 40;
    build_pop(&builder, thread);
    builder.now_ns += 10;
    build_pop(&builder, thread);
}

static enum analysis_result analyse(const char *patterns)
{
    return build_analyse(&builder, &analysis, patterns);
}

static void by_the_default_patterns(void **state)
{
    (void)state;
    range(0, "iteration 1", "step inside"); /* the outermost is the step */
    range(0, "step 2", "a");
    range(0, "epoch", "a");
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_steps, 2);
    assert_int_equal(analysis.steps.found, STEPS_BY_PATTERN);
    assert_int_equal(analysis.rows.n_ops, 3); /* "step inside", a, (no range) */
}

static void by_the_recorded_option(void **state)
{
    (void)state;
    build_text(&builder, "GRAPHPROF_STEP", "nothing*,batch?");
    range(0, "step 1", "a");
    range(0, "batch1", "a");
    range(0, "batch2", "a");
    range(0, "batch33", "a");
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_steps, 2);
}

static void by_the_pattern_asked_for(void **state)
{
    (void)state;
    build_text(&builder, "GRAPHPROF_STEP", "step*");
    range(0, "step 1", "a");
    range(0, "train", "a");
    assert_int_equal(analyse("train"), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_steps, 1);
    assert_string_equal(strings_text(&analysis.facts.strings, analysis.steps.steps[0].name),
                        "train");
}

static void by_the_outermost_that_repeats(void **state)
{
    (void)state;
    build_push(&builder, 0, "epoch");
    range(0, "batch 1", "layer");
    range(0, "validate", "layer");
    range(0, "batch 2", "layer");
    range(0, "batch 10", "layer");
    build_pop(&builder, 0);
    build_close(&builder);
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.found, STEPS_BY_REPETITION);
    assert_string_equal(analysis.steps.repeated, "batch #");
    assert_int_equal(analysis.steps.n_steps, 3);
    assert_int_equal(analysis.step_ns, 100);
    assert_string_equal(analysis.rows.rows[0].name, "layer");
}

/* Killed before its first step: what repeated until then is no step. */
static void nothing_repeats_in_a_capture_that_was_cut_off(void **state)
{
    (void)state;
    range(0, "batch 1", "layer");
    range(0, "batch 2", "layer");
    assert_int_equal(analyse(NULL), ANALYSIS_NO_STEP);
}

static void a_pattern_that_was_asked_for_has_no_substitute(void **state)
{
    (void)state;
    range(0, "batch 1", "a");
    range(0, "batch 2", "a");
    build_close(&builder);
    assert_int_equal(analyse("nothing"), ANALYSIS_NO_STEP);
    assert_int_equal(analysis.steps.n_steps, 0);
}

static void without_ranges_there_is_no_step(void **state)
{
    (void)state;
    build_alloc(&builder, 0, 0x1000, 1);
    assert_int_equal(analyse(NULL), ANALYSIS_NO_STEP);
}

static void a_step_that_did_not_end_does_not_count(void **state)
{
    (void)state;
    range(0, "step 1", "a");
    build_push(&builder, 0, "step 2");
    build_push(&builder, 0, "b");
    build_alloc(&builder, 0, 0x1000, 1000);
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_steps, 2);
    assert_int_equal(analysis.steps.n_complete, 1);
    assert_int_equal(analysis.steps.n_counted, 1);
    assert_int_equal(analysis.account.peak.bytes, 0);
    assert_int_equal(analysis.identify.devices[0].whole.bytes, 1000);
    assert_int_equal(analysis.tensors.n_tensors, 0);
}

static void only_an_open_step_is_none(void **state)
{
    (void)state;
    build_push(&builder, 0, "step 1");
    assert_int_equal(analyse(NULL), ANALYSIS_NO_STEP);
    assert_int_equal(analysis.steps.n_steps, 1);
}

/* Steps are those of the thread that has most; what others call so begins a path anew. */
static void steps_are_one_threads(void **state)
{
    (void)state;
    build_thread(&builder, 1);
    range(1, "step 0", "warm");
    for (int i = 0; i < 3; i++) {
        build_push(&builder, 0, "step");
        build_push(&builder, 1, "step");
        build_push(&builder, 1, "c");
        build_alloc(&builder, 1, 0x1000, 8);
        build_free(&builder, 1, 0x1000);
        build_pop(&builder, 1);
        build_push(&builder, 0, "d");
        build_pop(&builder, 0);
        build_pop(&builder, 0);
        if (i == 0)
            build_pop(&builder, 1);
    }
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_steps, 3);
    assert_int_equal(analysis.steps.steps[0].thread, 0);
    assert_int_equal(node_row_named(&analysis, "c")->peak, 8);
    assert_int_equal(node_row_named(&analysis, "d")->steps, 2);
}

static void the_first_of_three_does_not_count(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        range(0, "step", "a");
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_false(analysis.steps.steps[0].counted);
    assert_int_equal(analysis.steps.n_counted, 2);
}

static void both_of_two_count(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        range(0, "step", "a");
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_counted, 2);
}

static void many_steps_are_counted_evenly(void **state)
{
    (void)state;
    for (int i = 0; i < 2502; i++)
        range(0, "step", "a");
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_complete, 2502);
    assert_int_equal(analysis.steps.n_counted, 834); /* 2501 / 3, rounded up */
    assert_false(analysis.steps.steps[0].counted);
    assert_true(analysis.steps.steps[1].counted);
    assert_true(analysis.steps.steps[4].counted);
}

/* Steps without detail have frees and allocations, but no ranges and calls. */
static void steps_without_detail_do_not_count(void **state)
{
    (void)state;
    build_detail(&builder, 0);
    for (int i = 0; i < 2; i++) {
        build_push(&builder, 0, "step");
        build_alloc(&builder, 0, 0x1000, 500);
        build_free(&builder, 0, 0x1000);
        build_pop(&builder, 0);
    }
    build_detail(&builder, 1);
    range(0, "step", "a");
    build_detail(&builder, 0);
    build_push(&builder, 0, "step");
    build_pop(&builder, 0);
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_complete, 4);
    assert_int_equal(analysis.steps.n_counted, 1);
    assert_true(analysis.steps.steps[2].counted);
    assert_int_equal(analysis.tensors.n_tensors, 0);
    assert_int_equal(analysis.rows.n_ops, 2);
}

/* What CUPTI slows down gives no host time. */
static void timed_steps_give_no_host_time(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        uint64_t timed[2] = {i % 2 == 0, 0};
        build_record(&builder, 0, GP_RECORD_TIMED, timed, 2);
        build_push(&builder, 0, "step");
        build_push(&builder, 0, "a");
        builder.now_ns += timed[0] ? 900 : 70;
        build_pop(&builder, 0);
        build_pop(&builder, 0);
    }
    assert_int_equal(analyse(NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_counted, 4);
    assert_int_equal(analysis.steps.n_times, 2);
    assert_int_equal(analysis.step_ns, 70);
    assert_int_equal(node_row_named(&analysis, "a")->run_ns, 70);
    assert_int_equal(node_row_named(&analysis, "a")->steps, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(by_the_default_patterns),
        TEST(by_the_recorded_option),
        TEST(by_the_pattern_asked_for),
        TEST(by_the_outermost_that_repeats),
        TEST(nothing_repeats_in_a_capture_that_was_cut_off),
        TEST(a_pattern_that_was_asked_for_has_no_substitute),
        TEST(without_ranges_there_is_no_step),
        TEST(a_step_that_did_not_end_does_not_count),
        TEST(only_an_open_step_is_none),
        TEST(steps_are_one_threads),
        TEST(the_first_of_three_does_not_count),
        TEST(both_of_two_count),
        TEST(many_steps_are_counted_evenly),
        TEST(steps_without_detail_do_not_count),
        TEST(timed_steps_give_no_host_time),
    };
    return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
