/* What CUDA graphs give out and in which ranges, from captures whose answers are worked out by
 * hand. */
#include "graphs_fixture.h"

#include <string.h>

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

static void block(uint32_t thread, uint64_t address, uint64_t bytes)
{
    if (bytes)
        build_alloc_as(&builder, thread, address, bytes, 0, GP_SPACE_BLOCK);
    else
        build_free_as(&builder, thread, address, GP_SPACE_BLOCK);
}

/* A caching allocator's segment of 4096 bytes from X on. Captured: forward takes 1000 that
 * backward, in a thread of its own, gives back, and 500 that stay; 70 from before go. */
static void capture_blocks(void)
{
    build_thread(&builder, 1);
    build_alloc(&builder, 0, X, 4096);
    block(0, X + 3000, 70);
    graph(GP_GRAPH_CAPTURE);
    push("forward");
    block(0, X, 1000);
    block(0, X + 3000, 0);
    block(0, X + 1000, 500);
    pop();
    push_in(1, "backward");
    block(1, X, 0);
    pop_in(1);
    graph(GP_GRAPH_CAPTURED);
    instantiate(GRAPH, EXEC, 0);
}

static void blocks_that_pass_in_a_capture(void **state)
{
    (void)state;
    capture_blocks();
    for (int i = 0; i < 3; i++)
        step_with_launch(EXEC);
    analyse();
    assert_int_equal(row("forward")->active_before, 500);
    assert_int_equal(row("forward")->peak, 1500);
    assert_int_equal(row("forward")->active_after, 1500);
    assert_int_equal(row("backward")->active_before, 1500);
    assert_int_equal(row("backward")->active_after, 500);
    assert_int_equal(analysis.account.live, 500);
    assert_int_equal(faults()->unknown_frees + faults()->missed_frees, 0);
}

/* Another graph has the same pool: what it keeps lies where the first has what passes, which is
 * then not counted beside it; nor does a launch end what the program has there. */
static void blocks_of_two_graphs_in_one_place(void **state)
{
    (void)state;
    capture_blocks();
    build_graph(&builder, 0, GP_GRAPH_CAPTURE, OTHER_GRAPH, 0, 0);
    push("other");
    block(0, X + 400, 300);
    pop();
    build_graph(&builder, 0, GP_GRAPH_CAPTURED, OTHER_GRAPH, 0, 0);
    instantiate(OTHER_GRAPH, OTHER_EXEC, 0);
    for (int i = 0; i < 3; i++) {
        push("step");
        launch(EXEC);
        launch(OTHER_EXEC);
        pop();
    }
    block(0, X + 400, 0);
    analyse();
    assert_int_equal(row("forward")->peak, 800);
    assert_int_equal(analysis.account.live, 500);
    assert_int_equal(faults()->unknown_frees + faults()->missed_frees, 0);
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
        TEST(graphs_in_graphs_and_handles_again),
        TEST(a_step_without_detail),
        TEST(blocks_that_pass_in_a_capture),
        TEST(blocks_of_two_graphs_in_one_place),
    };
    return cmocka_run_group_tests_name("graphs", tests, NULL, NULL);
}
