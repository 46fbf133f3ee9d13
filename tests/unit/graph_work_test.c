/* Calls and work in CUDA graphs, and whose time it is, from captures whose answers are worked out
 * by hand.
 */
#include "graphs_fixture.h"
#include "short_builder.h"

/* The convolution is captured once; that it reads W as its filter and writes X is known of each
 * launch, and of no other time. */
static void launch_a_convolution(bool in_short_form)
{
    const uint64_t operands[] = {0x5000, W, 0, X};
    build_alloc(&builder, 0, W, 50);
    build_alloc(&builder, 0, 0x5000, 20);
    build_kind(&builder, 1, GP_RECORD_CALL, 4u << 16 | API_CONV_FORWARD, 0);
    build_kind(&builder, 2, GP_RECORD_CALL, 1u << 16 | API_SYNC, 0);
    graph(GP_GRAPH_CAPTURE);
    push("forward");
    push("conv");
    memory(X, 1000);
    if (in_short_form)
        build_short(&builder, GP_RECORD_CALL, 1, operands, 4);
    else
        BUILD_CALL(&builder, 0, API_CONV_FORWARD, operands[0], operands[1], operands[2],
                   operands[3]);
    memory(X, 0);
    pop();
    pop();
    graph(GP_GRAPH_CAPTURED);
    instantiate(GRAPH, EXEC, 0);
    for (int i = 0; i < 4; i++) {
        build_short(&builder, GP_RECORD_CALL, 2, (const uint64_t[]){X}, 1);
        step_with_launch(EXEC);
    }
    analyse();
    assert_int_equal(row("forward/conv")->by_role[GP_ROLE_PARAMETER], 50);
    assert_int_equal(row("forward/conv")->by_role[GP_ROLE_ACTIVATION], 1000);
    assert_string_equal(row("forward/conv")->op, "cudnnConvolutionForward");
}

static void captured_calls_are_evidence(void **state)
{
    (void)state;
    launch_a_convolution(false);
}
static void captured_calls_in_short_form(void **state)
{
    (void)state;
    launch_a_convolution(true);
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

/* Three steps, each a launch of EXEC whose node 13 runs that kernel for 40 ns. */
static void launch_timed_steps(const char *kernel)
{
    build_timed(&builder, 1);
    for (uint32_t i = 0; i < 3; i++) {
        push("step");
        build_submit(&builder, 0, 10 + i);
        launch(EXEC);
        pop();
        build_ran_in_graph(&builder, 10 + i, 13, kernel, 100, 140);
    }
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
    launch_timed_steps("kernel_b");
    analyse();
    assert_int_equal(row("backward")->active_before, 1050);
    assert_int_equal(row("backward")->active_after, 50);
    assert_int_equal(row("backward")->run_ns, 40);
    assert_string_equal(row("backward")->op, "kernel_b");
}

/* A graph that bears one handle while it is captured, another to CUPTI and a third from then on. */
static void a_capture_under_several_handles(void **state)
{
    (void)state;
    build_alloc(&builder, 0, W, 50);
    graph(GP_GRAPH_CAPTURE);
    push("forward");
    build_graph_node(&builder, 0, 0x50, 3, 0, 0);
    BUILD_LAUNCH(&builder, 0, "kernel_f", (uint64_t)W);
    memory(X, 1000);
    memory(X, 0);
    pop();
    build_graph(&builder, 0, GP_GRAPH_CAPTURED, OTHER_GRAPH, 0, 0);
    build_graph_node(&builder, 0, EXEC, 13, 0, 0);
    build_graph_node(&builder, 0, EXEC, 13, 3, 0);
    instantiate(OTHER_GRAPH, EXEC, 0);
    launch_timed_steps("kernel_f");
    analyse();
    assert_int_equal(row("forward")->run_ns, 40);
    assert_int_equal(row("forward")->peak, 1050);
    assert_string_equal(row("forward")->op, "kernel_f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
        TEST(captured_calls_are_evidence),         TEST(captured_calls_in_short_form),
        TEST(time_goes_where_work_was_captured),   TEST(numbers_that_are_given_out_again),
        TEST(another_thread_works_in_the_capture), TEST(a_capture_under_several_handles),
    };
    return cmocka_run_group_tests_name("graph work", tests, NULL, NULL);
}
