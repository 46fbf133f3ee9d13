/* CUDA graphs, from captures whose answers are worked out by hand. */
#include "fixture.h"

#include <string.h>

enum {
    GRAPH = 0x10,
    EXEC = 0x20,
    OTHER_GRAPH = 0x30,
    OTHER_EXEC = 0x40,
    X = 0x1000,
    W = 0x9000
};

static void tick(void) { builder.now_ns += 10; }

static void push_in(uint32_t thread, const char *name)
{
    tick();
    build_push(&builder, thread, name);
}
static void pop_in(uint32_t thread)
{
    tick();
    build_pop(&builder, thread);
}
static void push(const char *name) { push_in(0, name); }
static void pop(void) { pop_in(0); }

static void graph(enum gp_graph_event what) { build_graph(&builder, 0, what, GRAPH, 0, 0); }
static void instantiate(uint64_t of, uint64_t exec, unsigned flags)
{
    build_graph(&builder, 0, GP_GRAPH_INSTANTIATED, of, exec, flags);
}
static void launch(uint64_t exec) { build_graph(&builder, 0, GP_GRAPH_LAUNCHED, 0, exec, 0); }
static void memory(uint64_t address, uint64_t bytes)
{
    build_graph_memory(&builder, 0, GRAPH, address, bytes);
}

static void step_with_launch(uint64_t exec)
{
    push("step");
    launch(exec);
    pop();
}

static void analyse(void)
{
    build_close(&builder);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.account.violations, 0);
    assert_true(analysis.account.checks > 0);
}

static const struct node_row *row(const char *name) { return node_row_named(&analysis, name); }

static const struct replay_faults *faults(void) { return &analysis.account.replay.faults; }

/* forward/a: X of 1000 bytes, and 300 for a while; backward/b frees X. 50 bytes live throughout. */
static void capture_two_ranges(void)
{
    build_alloc(&builder, 0, W, 50);
    graph(GP_GRAPH_CAPTURE);
    push("forward");
    push("a");
    memory(X, 1000);
    memory(X + 0x2000, 300);
    memory(X + 0x2000, 0);
    pop();
    pop();
    push("backward");
    push("b");
    memory(X, 0);
    pop();
    pop();
    graph(GP_GRAPH_CAPTURED);
    instantiate(GRAPH, EXEC, 0);
    graph(GP_GRAPH_ENDS);
}

static void memory_lives_from_launch_on(void **state)
{
    (void)state;
    capture_two_ranges();
    for (int i = 0; i < 4; i++)
        step_with_launch(EXEC);
    analyse();
    assert_int_equal(row("forward/a")->active_before, 50);
    assert_int_equal(row("forward/a")->peak, 1350);
    assert_int_equal(row("forward/a")->active_after, 1050);
    assert_int_equal(row("forward/a")->calls_per_step, 1);
    assert_int_equal(row("forward/a")->size, 1000); /* what it leaves behind */
    assert_int_equal(row("backward/b")->active_before, 1050);
    assert_int_equal(row("backward/b")->active_after, 50);
    assert_int_equal(row("forward/a")->steps, 3); /* the first of four does not count */
    assert_int_equal(analysis.reference_peak.bytes, 1350);
    assert_string_equal(analysis.nodes.nodes[analysis.reference_peak.node].path, "forward/a");
    /* What was live at the peak is what the peak is made of. */
    assert_int_equal(analysis.account.peak.bytes, 1350);
    assert_int_equal(analysis.account.live, 50);
    assert_int_equal(analysis.identify.devices[0].whole.bytes, 1350);
    assert_int_equal(faults()->unknown_frees + faults()->missed_frees, 0);
}

/* Captured and never launched: nothing was ever given out. */
static void what_is_not_launched_is_not_there(void **state)
{
    (void)state;
    capture_two_ranges();
    for (int i = 0; i < 4; i++) {
        push("step");
        pop();
    }
    analyse();
    assert_int_equal(analysis.identify.devices[0].whole.bytes, 50);
    assert_int_equal(faults()->unknown_frees, 0);
}

/* A launch inside a range that it was captured in as well is no second call of that range. */
static void a_launch_inside_its_own_range(void **state)
{
    (void)state;
    capture_two_ranges();
    for (int i = 0; i < 4; i++) {
        push("step");
        push("forward");
        build_alloc(&builder, 0, 0x100, 7);
        launch(EXEC);
        build_free(&builder, 0, 0x100);
        pop();
        pop();
    }
    analyse();
    assert_int_equal(row("forward")->calls_per_step, 1);
    assert_int_equal(row("forward/a")->peak, 1357);
    assert_int_equal(row("backward/b")->active_after, 57);
}

/* The graph leaves X: the program frees it, or the next launch does. */
static void memory_that_a_launch_leaves(void **state)
{
    (void)state;
    const unsigned auto_free = 1;
    graph(GP_GRAPH_CAPTURE);
    push("a");
    memory(X, 1000);
    pop();
    graph(GP_GRAPH_CAPTURED);
    instantiate(GRAPH, EXEC, 0);
    for (int i = 0; i < 4; i++) {
        push("step");
        launch(EXEC);
        push("drop");
        build_free(&builder, 0, X);
        pop();
        pop();
    }
    build_graph(&builder, 0, GP_GRAPH_EXEC_ENDS, 0, EXEC, 0);
    instantiate(GRAPH, OTHER_EXEC, auto_free);
    step_with_launch(OTHER_EXEC);
    step_with_launch(OTHER_EXEC);
    analyse();
    assert_int_equal(row("drop")->active_before, 1000);
    assert_int_equal(row("drop")->active_after, 0);
    assert_int_equal(analysis.identify.devices[0].whole.bytes, 1000); /* never twice */
    assert_int_equal(analysis.account.live, 1000);
    assert_int_equal(faults()->unknown_frees + faults()->missed_frees, 0);
}

/* A free that is refused is no node; an address that is none of a graph's stays live. */
static void a_refused_free_is_no_node(void **state)
{
    (void)state;
    build_alloc(&builder, 0, W, 50);
    graph(GP_GRAPH_CAPTURE);
    push("a");
    memory(X, 1000);
    memory(W, 0);
    build_free_failed(&builder, 0, W);
    memory(X, 0);
    pop();
    graph(GP_GRAPH_CAPTURED);
    instantiate(GRAPH, EXEC, 0);
    step_with_launch(EXEC);
    step_with_launch(EXEC);
    analyse();
    assert_int_equal(analysis.account.live, 50);
    assert_int_equal(row("a")->peak, 1050);
    assert_int_equal(faults()->failed_frees, 1);
}

/* The convolution is captured once; that it reads W as its filter and writes X is known of each
 * launch, and of no other time. */
static void captured_calls_are_evidence(void **state)
{
    (void)state;
    build_alloc(&builder, 0, W, 50);
    build_alloc(&builder, 0, 0x5000, 20);
    graph(GP_GRAPH_CAPTURE);
    push("forward");
    push("conv");
    memory(X, 1000);
    BUILD_CALL(&builder, 0, API_CONV_FORWARD, (uint64_t)0x5000, (uint64_t)W, (uint64_t)0,
               (uint64_t)X);
    memory(X, 0);
    pop();
    pop();
    graph(GP_GRAPH_CAPTURED);
    instantiate(GRAPH, EXEC, 0);
    for (int i = 0; i < 4; i++)
        step_with_launch(EXEC);
    analyse();
    assert_int_equal(row("forward/conv")->by_role[GP_ROLE_PARAMETER], 50);
    assert_int_equal(row("forward/conv")->by_role[GP_ROLE_ACTIVATION], 1000);
    assert_string_equal(row("forward/conv")->op, "cudnnConvolutionForward");
}

/* Kernels 3 and 4 are captured in a step that is timed, under numbers of which nothing comes. The
 * executable graph's nodes have numbers of their own; kernel 5 is captured outside any range, of 99
 * nothing is known. Each launch bears one number. */
static void time_goes_where_work_was_captured(void **state)
{
    (void)state;
    build_timed(&builder, 1);
    push("step");
    graph(GP_GRAPH_CAPTURE);
    push("forward");
    push("a");
    build_submit(&builder, 0, 1);
    build_graph_node(&builder, 0, GRAPH, 3, 0, 1);
    pop();
    push("b");
    build_submit(&builder, 0, 2);
    build_graph_node(&builder, 0, GRAPH, 4, 0, 2);
    pop();
    pop();
    build_submit(&builder, 0, 3);
    build_graph_node(&builder, 0, GRAPH, 5, 0, 3);
    graph(GP_GRAPH_CAPTURED);
    for (uint64_t node = 3; node <= 5; node++) {
        build_graph_node(&builder, 0, EXEC, 10 + node, 0, 0);
        build_graph_node(&builder, 0, EXEC, 10 + node, node, 0);
    }
    instantiate(GRAPH, EXEC, 0);
    pop();
    for (uint32_t i = 0; i < 3; i++) {
        const uint64_t at = UINT64_C(1000) * (i + 1);
        push("step");
        push("replay");
        build_submit(&builder, 0, 10 + i);
        launch(EXEC);
        pop();
        pop();
        build_ran_in_graph(&builder, 10 + i, 13, "k", at, at + 100);
        build_ran_in_graph(&builder, 10 + i, 14, "k", at + 100, at + 300);
        build_ran_in_graph(&builder, 10 + i, 15, "k", at + 300, at + 350);
        build_ran_in_graph(&builder, 10 + i, 99, "k", at + 350, at + 357);
    }
    analyse();
    const struct gpu_time *gpu = &analysis.account.gpu;
    assert_int_equal(row("forward/a")->time_source, TIME_SOURCE_CUPTI);
    assert_int_equal(row("forward/a")->run_ns, 100);
    assert_int_equal(row("forward/b")->run_ns, 200);
    assert_int_equal(row("replay")->run_ns, 57);
    assert_int_equal(analysis.gpu.busy_ns, 357);
    assert_int_equal(gpu->not_run, 0);
    assert_int_equal(gpu->incomplete, 0);
    assert_int_equal(gpu->unmatched.n, 0);
}

/* Kernel 3 is captured in a; its copy is 13, of which is told in one order or the other. Then both
 * numbers are given out again: 3 is captured in b. */
static void numbers_that_are_given_out_again(void **state)
{
    (void)state;
    static const char *const ranges[] = {"a", "b"};
    build_timed(&builder, 1);
    for (uint32_t i = 0; i < 2; i++) {
        graph(GP_GRAPH_CAPTURE);
        push(ranges[i]);
        build_graph_node(&builder, 0, GRAPH, 3, 0, 0);
        memory(X, 10);
        memory(X, 0);
        pop();
        graph(GP_GRAPH_CAPTURED);
        build_graph_node(&builder, 0, EXEC, 13, i ? 3 : 0, 0);
        build_graph_node(&builder, 0, EXEC, 13, i ? 0 : 3, 0);
        instantiate(GRAPH, EXEC, 0);
        for (uint32_t k = 0; k < 3; k++) {
            push("step");
            build_submit(&builder, 0, 10 + 10 * i + k);
            launch(EXEC);
            pop();
            build_ran_in_graph(&builder, 10 + 10 * i + k, 13, "k", 100, i ? 170 : 130);
        }
        build_graph(&builder, 0, GP_GRAPH_EXEC_ENDS, 0, EXEC, 0);
        graph(GP_GRAPH_ENDS);
    }
    analyse();
    assert_int_equal(row("a")->run_ns, 30);
    assert_int_equal(row("b")->run_ns, 70);
}

/* Backward runs in a thread of its own, which captures into the graph that thread 0 has begun:
 * CUPTI tells, by the nodes that it makes. */
static void another_thread_works_in_the_capture(void **state)
{
    (void)state;
    build_alloc(&builder, 0, W, 50);
    build_thread(&builder, 1);
    graph(GP_GRAPH_CAPTURE);
    push("forward");
    memory(X, 1000);
    pop();
    push_in(1, "backward");
    build_graph_node(&builder, 1, GRAPH, 3, 0, 0);
    BUILD_LAUNCH(&builder, 1, "kernel_b", (uint64_t)X);
    build_graph_memory(&builder, 1, GRAPH, X, 0);
    pop_in(1);
    graph(GP_GRAPH_CAPTURED);
    build_graph_node(&builder, 0, EXEC, 13, 3, 0);
    instantiate(GRAPH, EXEC, 0);
    build_timed(&builder, 1);
    for (uint32_t i = 0; i < 3; i++) {
        push("step");
        build_submit(&builder, 0, 10 + i);
        launch(EXEC);
        pop();
        build_ran_in_graph(&builder, 10 + i, 13, "kernel_b", 100, 140);
    }
    analyse();
    assert_int_equal(row("backward")->active_before, 1050);
    assert_int_equal(row("backward")->active_after, 50);
    assert_int_equal(row("backward")->run_ns, 40);
    assert_string_equal(row("backward")->op, "kernel_b");
}

/* A graph that is captured into another is a part of it; a handle that is given out again is
 * another graph; a capture that fails leaves nothing. */
static void graphs_in_graphs_and_handles_again(void **state)
{
    (void)state;
    capture_two_ranges();
    build_graph(&builder, 0, GP_GRAPH_CAPTURE, OTHER_GRAPH, 0, 0);
    push("around");
    build_graph_memory(&builder, 0, OTHER_GRAPH, 0x20000, 10000);
    build_graph(&builder, 0, GP_GRAPH_NESTED, OTHER_GRAPH, EXEC, 0);
    build_graph_memory(&builder, 0, OTHER_GRAPH, 0x20000, 0);
    pop();
    build_graph(&builder, 0, GP_GRAPH_CAPTURED, OTHER_GRAPH, 0, 0);
    instantiate(OTHER_GRAPH, OTHER_EXEC, 0);
    graph(GP_GRAPH_CAPTURE);
    memory(0x40000, 5);
    build_graph(&builder, 0, GP_GRAPH_CAPTURED, 0, 0, 0);
    instantiate(GRAPH, EXEC, 0); /* no such graph */
    for (int i = 0; i < 3; i++) {
        push("step");
        launch(OTHER_EXEC);
        launch(EXEC);
        pop();
    }
    analyse();
    assert_int_equal(row("forward/a")->peak, 11350);
    assert_int_equal(row("around")->active_before, 50);
    assert_int_equal(analysis.account.live, 50);
    assert_int_equal(analysis.identify.devices[0].whole.bytes, 11350);
}

/* A step that is not recorded in detail has no nodes, but memory all the same. */
static void a_step_without_detail(void **state)
{
    (void)state;
    capture_two_ranges();
    for (int i = 0; i < 3; i++)
        step_with_launch(EXEC);
    build_detail(&builder, 0);
    step_with_launch(EXEC);
    build_detail(&builder, 1);
    step_with_launch(EXEC);
    analyse();
    assert_int_equal(row("forward/a")->steps, 3);
    assert_int_equal(row("forward/a")->calls_per_step, 1);
    assert_int_equal(analysis.identify.devices[0].steps[3].bytes, 1350);
    assert_int_equal(analysis.account.live, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
        TEST(memory_lives_from_launch_on),
        TEST(what_is_not_launched_is_not_there),
        TEST(a_launch_inside_its_own_range),
        TEST(memory_that_a_launch_leaves),
        TEST(a_refused_free_is_no_node),
        TEST(captured_calls_are_evidence),
        TEST(time_goes_where_work_was_captured),
        TEST(numbers_that_are_given_out_again),
        TEST(another_thread_works_in_the_capture),
        TEST(graphs_in_graphs_and_handles_again),
        TEST(a_step_without_detail),
    };
    return cmocka_run_group_tests_name("graphs", tests, NULL, NULL);
}
