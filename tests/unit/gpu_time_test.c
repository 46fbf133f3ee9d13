/* Time on the GPU by node, from captures whose answers are worked out by hand. */
#include "fixture.h"
#include "ticking.h"

#include <stdlib.h>
#include <string.h>

static void analyse(void)
{
    build_close(&builder);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
}

/* Step 0 is never counted here where there are three or more. */
static void empty_step(void)
{
    push("step");
    push("a");
    pop();
    pop();
}

static const struct gpu_time *gpu(void) { return &analysis.account.gpu; }

static uint64_t gpu_ns(const char *node)
{
    const struct node_row *row = node_row_named(&analysis, node);
    assert_int_equal(row->time_source, TIME_SOURCE_CUPTI);
    return row->run_ns;
}

static uint64_t whole_ns(const char *path)
{
    for (uint32_t n = 0; n < analysis.nodes.n_nodes; n++)
        if (strcmp(analysis.nodes.nodes[n].path, path) == 0) {
            const struct node_account *of = &analysis.account.nodes.nodes[n];
            return node_gpu_of(of, &of->samples[of->n_samples - 1]).whole_ns;
        }
    fail_msg("no node '%s'", path);
    return 0;
}

/* Two streams: [100, 200) and [150, 300) are 200 ns busy and 250 ns of work; a gap stays a gap. */
static void streams_that_overlap_count_once(void **state)
{
    (void)state;
    build_timed(&builder, 1);
    push("step");
    push("forward");
    push("a");
    build_submit(&builder, 0, 1);
    build_submit(&builder, 0, 2);
    build_submit(&builder, 0, 3);
    pop();
    push("b");
    build_submit(&builder, 0, 4);
    pop();
    pop();
    pop();
    build_timed(&builder, 0);
    build_ran(&builder, 0, 2, "k2", 150, 300); /* not in the order of their begin */
    build_ran(&builder, 0, 1, "k1", 100, 200);
    build_ran(&builder, 0, 3, "k1", 400, 410);
    build_ran(&builder, 0, 4, "k3", 290, 405); /* beside a's last */
    analyse();
    assert_int_equal(gpu_ns("forward/a"), 210);
    assert_int_equal(gpu_ns("forward/b"), 115);
    assert_int_equal(gpu_ns("(no range)"), 0);
    assert_int_equal(whole_ns("forward"), 310); /* [100, 410) without a gap */
    assert_int_equal(analysis.gpu.busy_ns, 310);
    assert_int_equal(analysis.gpu.sum_ns, 100 + 150 + 10 + 115);
    assert_int_equal(gpu()->in_steps.ns, 375);
    assert_int_equal(gpu()->in_steps.n, 4);
}

/* Spans between CUDA events come as the same records; the capture says what they are. */
static void times_by_events_say_so(void **state)
{
    (void)state;
    build_text(&builder, "gpu_time", "event");
    build_timed(&builder, 1);
    push("step");
    push("a");
    build_submit(&builder, 0, 1);
    pop();
    pop();
    build_timed(&builder, 0);
    build_ran(&builder, 0, 1, "(events)", 100, 170);
    analyse();
    const struct node_row *row = node_row_named(&analysis, "a");
    assert_int_equal(row->time_source, TIME_SOURCE_EVENT);
    assert_int_equal(row->run_ns, 70);
    assert_int_equal(analysis.gpu.nodes_sum_ns, 70);
}

/* A span that could not be timed has number 0 or one without a record: either way its step is not
   whole, and its node's time is the host's. */
static void spans_that_are_lost_leave_their_step_out(void **state)
{
    (void)state;
    build_text(&builder, "gpu_time", "event");
    build_timed(&builder, 1);
    push("step");
    push("a");
    build_submit(&builder, 0, 1);
    build_submit(&builder, 0, 0);
    build_gpu_lost(&builder, 1);
    pop();
    pop();
    build_timed(&builder, 0);
    build_ran(&builder, 0, 1, "(events)", 100, 170);
    analyse();
    assert_int_equal(node_row_named(&analysis, "a")->time_source, TIME_SOURCE_HOST);
    assert_int_equal(gpu()->incomplete, 1);
    assert_int_equal(gpu()->lost, 1);
}

/* What is submitted inside a node is the node's, also when it runs after the node and the step. */
static void work_that_runs_late_is_its_node_s(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        const uint32_t id = 10u * (uint32_t)i;
        build_timed(&builder, 1);
        push("step");
        push("a");
        build_submit(&builder, 0, id + 1);
        pop();
        push("b");
        build_submit(&builder, 0, id + 2);
        pop();
        if (i > 0) { /* the work of the step before comes in now, in another thread */
            build_thread(&builder, 1);
            build_ran(&builder, 1, id - 9, "ka", 1000, 1070);
            build_ran(&builder, 1, id - 8, "kb", 1070, 1080);
        }
        pop();
    }
    build_ran(&builder, 1, 31, "ka", 1000, 1070);
    build_ran(&builder, 1, 32, "kb", 1070, 1080);
    analyse();
    assert_int_equal(gpu()->n_steps, 3);
    assert_int_equal(gpu_ns("a"), 70);
    assert_int_equal(gpu_ns("b"), 10);
    assert_int_equal(gpu()->late.n, 0);
}

/* A library's launches inside a call of the program's: one call, three kernels, in the same node.
 */
static void a_library_s_kernels_are_the_node_s(void **state)
{
    (void)state;
    push("step");
    pop();
    for (int i = 0; i < 2; i++) {
        build_timed(&builder, 1);
        push("step");
        push("conv");
        const uint32_t id = 100u * (uint32_t)i;
        build_submit(&builder, 0, id + 1);
        build_submit(&builder, 0, id + 2);
        BUILD_CALL(&builder, 0, API_CONV_FORWARD, (uint64_t)0, (uint64_t)0, (uint64_t)0,
                   (uint64_t)0);
        pop();
        build_submit(&builder, 0, id + 3); /* in the step, outside any node */
        pop();
        build_ran(&builder, 0, id + 1, "transform", 10, 15);
        build_ran(&builder, 0, id + 2, "gemm", 15, 45);
        build_ran(&builder, 0, id + 2, "gemm", 45, 60); /* a graph: one launch, more kernels */
        build_ran(&builder, 0, id + 3, "other", 60, 61);
    }
    analyse();
    assert_int_equal(gpu_ns("conv"), 50);
    assert_int_equal(gpu_ns("(no range)"), 1);
    size_t n;
    struct gpu_kernel_row *rows = gpu_time_kernels(gpu(), &n);
    assert_int_equal(n, 3);
    assert_string_equal(rows[0].name, "other"); /* node 0 is the step's own */
    assert_string_equal(rows[1].name, "gemm");
    assert_int_equal(rows[1].calls, 2);
    assert_int_equal(rows[1].ns, 45);
    assert_string_equal(rows[2].name, "transform");
    assert_int_equal(rows[2].calls, 1);
    assert_int_equal(rows[2].ns, 5);
    free(rows);
}

/* Every record is in one of the sums: nothing is lost and nothing counted twice. */
static void records_without_a_place_are_counted(void **state)
{
    (void)state;
    build_timed(&builder, 1);
    build_submit(&builder, 0, 1); /* before the step */
    push("step");
    push("a");
    build_submit(&builder, 0, 2);
    pop();
    pop();
    build_ran(&builder, 0, 1, "early", 10, 17);
    build_ran(&builder, 0, 2, "k", 20, 50);
    build_ran(&builder, 0, 99, "nobody's", 60, 65);
    build_gpu_lost(&builder, 3);
    build_gpu_lost(&builder, 2);
    analyse();
    assert_int_equal(gpu_ns("a"), 30);
    assert_int_equal(gpu()->outside.n, 1);
    assert_int_equal(gpu()->outside.ns, 7);
    assert_int_equal(gpu()->unmatched.n, 1);
    assert_int_equal(gpu()->unmatched.ns, 5);
    assert_int_equal(gpu()->in_steps.ns, 30);
    assert_int_equal(gpu()->lost, 5);
    assert_int_equal(analysis.gpu.sum_ns, 30);
}

/* A step that lacks a kernel's record (the program was killed) gives no times; a copy may lack its
   record (nothing was to be copied). */
static void steps_that_lack_records_do_not_count(void **state)
{
    (void)state;
    empty_step();
    for (int i = 0; i < 2; i++) {
        build_timed(&builder, 1);
        push("step");
        push("a");
        build_submit_copy(&builder, 0, 20u + (uint32_t)i);
        build_submit(&builder, 0, 30u + (uint32_t)i);
        build_submit(&builder, 0, 40u + (uint32_t)i);
        pop();
        pop();
        build_ran(&builder, 0, 30u + (uint32_t)i, "k", 0, 5);
        if (i == 0)
            build_ran(&builder, 0, 40u, "k", 5, 10);
    }
    analyse();
    assert_int_equal(gpu()->n_steps, 1);
    assert_int_equal(gpu()->incomplete, 1);
    assert_int_equal(gpu()->not_run, 1);
    assert_int_equal(gpu_ns("a"), 10);
}

/* The step's time comes from steps without timing; no timed step: host times. */
static void host_time_without_timed_steps(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        empty_step();
    analyse();
    const struct node_row *row = node_row_named(&analysis, "a");
    assert_int_equal(row->time_source, TIME_SOURCE_HOST);
    assert_int_equal(row->run_ns, 10);
    assert_int_equal(gpu()->n_steps, 0);
}

/* Of 3000 steps, every other one timed, both kinds count, and no more than are kept. */
static void many_steps_of_both_kinds_count(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        build_timed(&builder, i % 2);
        push("step");
        push("a");
        if (i % 2)
            build_submit(&builder, 0, i);
        pop();
        pop();
        if (i % 2)
            build_ran(&builder, 0, i, "k", UINT64_C(1000) * i, UINT64_C(1000) * i + 7);
    }
    analyse();
    assert_in_range(gpu()->n_steps, 400, STEPS_COUNTED_MAX / 2);
    assert_in_range(analysis.steps.n_times, 400, STEPS_COUNTED_MAX / 2);
    assert_int_equal(gpu_ns("a"), 7);
    assert_int_equal(gpu()->in_steps.n, 1500);
}

/* Two threads submit at once: the thread's own ranges say whose work it is. */
static void each_thread_has_its_own_node(void **state)
{
    (void)state;
    build_thread(&builder, 1);
    build_timed(&builder, 1);
    push("step");
    push("a");
    build_push(&builder, 1, "worker");
    build_submit(&builder, 1, 1);
    build_submit(&builder, 0, 2);
    build_pop(&builder, 1);
    build_submit(&builder, 1, 3); /* outside any range of its own */
    pop();
    pop();
    build_ran(&builder, 0, 1, "k", 0, 3);
    build_ran(&builder, 0, 2, "k", 0, 5);
    build_ran(&builder, 0, 3, "k", 5, 6);
    analyse();
    assert_int_equal(gpu_ns("worker"), 3);
    assert_int_equal(gpu_ns("a"), 5);
    assert_int_equal(gpu_ns("(no range)"), 1);
    assert_int_equal(analysis.gpu.busy_ns, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(streams_that_overlap_count_once, begin, finish),
        cmocka_unit_test_setup_teardown(times_by_events_say_so, begin, finish),
        cmocka_unit_test_setup_teardown(spans_that_are_lost_leave_their_step_out, begin, finish),
        cmocka_unit_test_setup_teardown(work_that_runs_late_is_its_node_s, begin, finish),
        cmocka_unit_test_setup_teardown(a_library_s_kernels_are_the_node_s, begin, finish),
        cmocka_unit_test_setup_teardown(records_without_a_place_are_counted, begin, finish),
        cmocka_unit_test_setup_teardown(steps_that_lack_records_do_not_count, begin, finish),
        cmocka_unit_test_setup_teardown(host_time_without_timed_steps, begin, finish),
        cmocka_unit_test_setup_teardown(many_steps_of_both_kinds_count, begin, finish),
        cmocka_unit_test_setup_teardown(each_thread_has_its_own_node, begin, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
