/* Replay: the ledger's odd cases, ranges, threads, and where the time goes. */
#include "fixture.h"
#include "ticking.h"

#include <string.h>

static void analyse(void)
{
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.account.violations, 0);
}

static uint64_t live(void) { return analysis.identify.devices[0].live; }

static void frees_of_the_unknown_are_counted(void **state)
{
    (void)state;
    push("step 0");
    build_alloc(&builder, 0, 0x1000, 64);
    build_free(&builder, 0, 0x9999);
    build_free(&builder, 0, 0x1008); /* inside is not at */
    pop();
    analyse();
    assert_int_equal(analysis.account.replay.faults.unknown_frees, 2);
    assert_int_equal(live(), 64);
}

static void a_refused_free_is_undone(void **state)
{
    (void)state;
    push("step 0");
    build_alloc(&builder, 0, 0x1000, 64);
    build_free(&builder, 0, 0x1000);
    build_free_failed(&builder, 0, 0x1000);
    BUILD_CALL(&builder, 0, API_MEMSET, (uint64_t)0x1000);
    build_free(&builder, 0, 0x7777); /* refused as well, and never known */
    build_free_failed(&builder, 0, 0x7777);
    pop();
    analyse();
    assert_int_equal(live(), 64);
    assert_int_equal(analysis.account.replay.faults.failed_frees, 2);
    assert_int_equal(analysis.account.replay.faults.unknown_frees, 0);
    assert_int_equal(analysis.tensors.n_tensors, 1);
    assert_int_equal(analysis.tensors.tensors[0].allocations, 1);
    assert_int_equal(node_row_named(&analysis, "(no range)")->active_after, 64);
}

static void an_address_given_out_again_was_freed(void **state)
{
    (void)state;
    push("step 0");
    build_alloc(&builder, 0, 0x1000, 64);
    build_alloc(&builder, 0, 0x2000, 64);
    build_alloc(&builder, 0, 0x1000, 32);   /* the same address */
    build_alloc(&builder, 0, 0x1ff0, 0x20); /* runs into 0x2000 */
    pop();
    analyse();
    assert_int_equal(analysis.account.replay.faults.missed_frees, 2);
    assert_int_equal(live(), 32 + 0x20);
}

static void a_reset_drops_one_device(void **state)
{
    (void)state;
    push("step 0");
    build_alloc_as(&builder, 0, 0x1000, 64, 0, GP_SPACE_DEVICE);
    build_alloc_as(&builder, 0, 0x2000, 32, 1, GP_SPACE_DEVICE);
    build_alloc_as(&builder, 0, 0x3000, 16, 0, GP_SPACE_HOST);
    build_reset(&builder, 0, 0);
    pop();
    analyse();
    assert_int_equal(live(), 0);
    assert_int_equal(analysis.identify.devices[1].live, 32);
    assert_int_equal(analysis.identify.host_live, 0);
    assert_int_equal(analysis.identify.host_peak, 16);
}

static void device_memory_is_four_spaces(void **state)
{
    (void)state;
    push("step 0");
    build_alloc_as(&builder, 0, 0x1000, 1, 0, GP_SPACE_DEVICE);
    build_alloc_as(&builder, 0, 0x2000, 2, 0, GP_SPACE_POOL);
    build_alloc_as(&builder, 0, 0x3000, 4, 0, GP_SPACE_MANAGED);
    build_alloc_as(&builder, 0, 0x4000, 8, 0, GP_SPACE_ARRAY);
    build_alloc_as(&builder, 0, 0x5000, 16, 0, GP_SPACE_HOST);
    pop();
    analyse();
    assert_int_equal(live(), 15);
    assert_int_equal(analysis.account.peak.bytes, 15);
    assert_int_equal(analysis.identify.host_live, 16);
}

static void the_table_is_of_the_fullest_device(void **state)
{
    (void)state;
    build_device(&builder, 0, "NVIDIA H200");
    build_device(&builder, 1, "NVIDIA H200");
    push("step 0");
    build_alloc_as(&builder, 0, 0x1000, 64, 0, GP_SPACE_DEVICE);
    build_alloc_as(&builder, 0, 0x2000, 65, 1, GP_SPACE_DEVICE);
    pop();
    analyse();
    assert_int_equal(analysis.device, 1);
    assert_int_equal(analysis.account.peak.bytes, 65);
    char text[32];
    facts_device_string(&analysis.facts, 1, text, sizeof text);
    assert_string_equal(text, "cuda:1");
}

/* Each moment of the step belongs to one node: nested, repeated and outside. */
static void time_is_split_among_nodes(void **state)
{
    (void)state;
    push("step 0");                    /* at 0 */
    push("a");                         /* 10: 10 outside */
    push("b");                         /* 20: 10 in a */
    pop();                             /* 30: 10 in a/b */
    push("b");                         /* 40: 10 in a */
    pop();                             /* 50: 10 in a/b */
    BUILD_CALL(&builder, 0, API_SYNC); /* a works itself: a row of its own */
    pop();                             /* 60: 10 in a */
    pop();                             /* 70: 10 outside */
    analyse();
    assert_int_equal(analysis.step_ns, 70);
    assert_int_equal(node_row_named(&analysis, "a")->run_ns, 30);
    assert_int_equal(node_row_named(&analysis, "a/b")->run_ns, 20);
    assert_int_equal(node_row_named(&analysis, "a/b")->calls_per_step, 2);
    assert_int_equal(node_row_named(&analysis, "(no range)")->run_ns, 20);
}

static void a_phase_without_work_has_no_row(void **state)
{
    (void)state;
    push("step 0");
    push("forward");
    push("conv");
    pop();
    pop();
    pop();
    analyse();
    assert_int_equal(analysis.rows.n_ops, 2); /* forward/conv and (no range) */
    assert_int_equal(node_row_named(&analysis, "forward/conv")->run_ns, 10);
    assert_int_equal(node_row_named(&analysis, "(no range)")->run_ns, 40);
}

static void other_domains_add_nothing_to_the_path(void **state)
{
    (void)state;
    push("step 0");
    push("a");
    build_push_in(&builder, 0, "library", "kernel chooser");
    build_alloc(&builder, 0, 0x1000, 8);
    push("b");
    build_pop_in(&builder, 0, "library"); /* not b's: the domains have stacks of their own */
    build_alloc(&builder, 0, 0x2000, 16);
    pop();
    pop();
    pop();
    analyse();
    assert_int_equal(node_row_named(&analysis, "a")->size, 8);
    assert_int_equal(node_row_named(&analysis, "a/b")->size, 16);
    assert_int_equal(analysis.account.replay.faults.unmatched_ranges, 0);
}

/* The program's own steps win; graphprof's own ranges name nodes in them, but for its steps. */
static void own_ranges_name_nodes_in_the_programs_steps(void **state)
{
    (void)state;
    push("step 0");
    build_push_in(&builder, 0, "graphprof", "step 7");
    build_push_in(&builder, 0, "graphprof", "forward");
    push("attention"); /* the program's, in the default domain */
    build_push_in(&builder, 0, "graphprof", "block.proj");
    build_alloc(&builder, 0, 0x1000, 8);
    build_pop_in(&builder, 0, "graphprof");
    pop();
    build_pop_in(&builder, 0, "graphprof");
    build_pop_in(&builder, 0, "graphprof");
    pop();
    analyse();
    assert_int_equal(node_row_named(&analysis, "forward/attention/block.proj")->size, 8);
    assert_int_equal(analysis.steps.n_steps, 1);
}

/* Where graphprof's are the steps, ranges of the default domain count as well, others do not. */
static void default_ranges_name_nodes_in_own_steps(void **state)
{
    (void)state;
    build_push_in(&builder, 0, "graphprof", "step 0");
    push("load");
    build_push_in(&builder, 0, "library", "kernel chooser");
    build_alloc(&builder, 0, 0x1000, 8);
    build_pop_in(&builder, 0, "library");
    pop();
    builder.now_ns += 10;
    build_pop_in(&builder, 0, "graphprof");
    analyse();
    assert_int_equal(node_row_named(&analysis, "load")->size, 8);
}

static void start_end_ranges_may_overlap(void **state)
{
    (void)state;
    push("step 0"); /* 0 */
    builder.now_ns += 10;
    build_start(&builder, 0, 7, "copy"); /* 10 */
    push("a");                           /* 20: inside copy */
    builder.now_ns += 10;
    build_thread(&builder, 1);
    build_stop(&builder, 1, 7); /* 30: from another thread, while a is open */
    build_alloc(&builder, 0, 0x1000, 8);
    pop(); /* 40 */
    pop(); /* 50 */
    analyse();
    assert_int_equal(node_row_named(&analysis, "copy/a")->size, 8);
    assert_int_equal(node_row_named(&analysis, "copy/a")->run_ns, 20);
    assert_int_equal(analysis.step_ns, 50);
    /* copy is only around a: its 10 ns go where those of phases go. */
    assert_int_equal(node_row_named(&analysis, "(no range)")->run_ns, 30);
}

/* What another thread does while the step is open belongs to its own ranges. */
static void threads_have_stacks_of_their_own(void **state)
{
    (void)state;
    build_thread(&builder, 1);
    build_push(&builder, 1, "autograd"); /* before the step: counts from the step's begin */
    push("step 0");                      /* 0 */
    push("loss.backward");               /* 10 */
    builder.now_ns += 10;
    build_push(&builder, 1, "ConvolutionBackward0, seq = 17"); /* 20 */
    build_alloc(&builder, 1, 0x1000, 100);
    builder.now_ns += 10;
    build_pop(&builder, 1); /* 30 */
    pop();                  /* 40 */
    build_alloc(&builder, 1, 0x2000, 11);
    pop(); /* 50 */
    build_alloc(&builder, 1, 0x3000, 7);
    analyse();
    const struct node_row *conv = node_row_named(&analysis, "autograd/ConvolutionBackward0");
    assert_int_equal(conv->gtype, GTYPE_BACKWARD);
    assert_int_equal(conv->size, 100);
    assert_int_equal(conv->run_ns, 10);
    const struct node_row *waits = node_row_named(&analysis, "loss.backward");
    assert_int_equal(waits->run_ns, 30);
    assert_int_equal(waits->peak, 100); /* of the other thread, while it waited */
    assert_int_equal(waits->size, 0);
    assert_int_equal(node_row_named(&analysis, "autograd")->size, 11);
    assert_int_equal(node_row_named(&analysis, "autograd")->run_ns, 20 + 20);
    assert_int_equal(analysis.account.peak.bytes, 111);
    assert_int_equal(live(), 118);
}

/* While another thread is in a part of its node, the step's thread waits: it is not counted twice.
 */
static void waiting_for_another_thread_is_no_work(void **state)
{
    (void)state;
    build_thread(&builder, 1);
    push("step 0");   /* 0 */
    push("backward"); /* 10 */
    build_alloc(&builder, 0, 0x2000, 11);
    builder.now_ns += 10;
    build_push(&builder, 1, "backward"); /* 20: both in the same node, no part of it */
    build_alloc(&builder, 1, 0x1000, 100);
    builder.now_ns += 10;
    build_push(&builder, 1, "conv"); /* 30 */
    build_alloc(&builder, 1, 0x3000, 8);
    builder.now_ns += 40;
    build_pop(&builder, 1); /* 70 */
    builder.now_ns += 10;
    build_pop(&builder, 1); /* 80 */
    pop();                  /* 90 */
    builder.now_ns += 10;
    build_push(&builder, 1, "load"); /* 100: beside what lies in no range */
    pop();                           /* 110 */
    analyse();
    assert_int_equal(node_row_named(&analysis, "backward/conv")->run_ns, 40);
    assert_int_equal(node_row_named(&analysis, "backward")->run_ns,
                     (30 - 10) + (90 - 70) /* in the step's thread */
                         + (30 - 20) + (80 - 70) /* in the other */);
    assert_int_equal(node_row_named(&analysis, "(no range)")->run_ns, 10 + 20);
    assert_int_equal(analysis.step_ns, 110);
}

static void a_thread_that_ends_leaves_its_ranges(void **state)
{
    (void)state;
    build_thread(&builder, 1);
    build_push(&builder, 1, "left open");
    build_thread(&builder, 1); /* the index belongs to a new thread */
    push("step 0");
    build_alloc(&builder, 1, 0x1000, 8);
    pop();
    build_pop(&builder, 0);
    analyse();
    assert_int_equal(node_row_named(&analysis, "(no range)")->size, 8);
    assert_int_equal(analysis.account.replay.faults.unmatched_ranges, 1);
}

/* Inside an allocation and behind its end. */
static void operands_may_point_inside(void **state)
{
    (void)state;
    push("step 0");
    push("forward");
    build_alloc(&builder, 0, 0x1000, 0x100);
    build_alloc(&builder, 0, 0x2000, 0x100);
    BUILD_CALL(&builder, 0, API_CONV_FORWARD, (uint64_t)0, (uint64_t)0x2100, (uint64_t)0,
               (uint64_t)0x10ff);
    pop();
    pop();
    analyse();
    assert_int_equal(tensor_named(&analysis, "forward.y")->id.bytes, 0x100);
    assert_int_equal(tensor_named(&analysis, "forward.y")->role, GP_ROLE_ACTIVATION);
    assert_int_equal(tensor_named(&analysis, "forward.y")->role_source, ROLE_SOURCE_OPERAND);
    assert_int_equal(analysis.tensors.n_tensors, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

/* Outputs of what lies in no range, in two threads of which one has none: what it or the other
 * leaves, not what either frees again in the step. */
static void outputs_outside_of_ranges(void **state)
{
    (void)state;
    build_thread(&builder, 1);
    for (int i = 0; i < 3; i++) {
        push("step");
        build_alloc(&builder, 0, 0x1000, 100);
        build_alloc(&builder, 1, 0x2000, 30);
        build_alloc(&builder, 1, 0x3000, 7);
        build_free(&builder, 1, 0x1000);
        build_free(&builder, 1, 0x2000);
        build_alloc(&builder, 1, 0x4000, 5);
        build_free(&builder, 0, 0x4000);
        pop();
        build_free(&builder, 1, 0x3000);
    }
    analyse();
    assert_int_equal(node_row_named(&analysis, "(no range)")->size, 7);
    assert_int_equal(node_row_named(&analysis, "(no range)")->peak, 137);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frees_of_the_unknown_are_counted),
        TEST(a_refused_free_is_undone),
        TEST(an_address_given_out_again_was_freed),
        TEST(a_reset_drops_one_device),
        TEST(device_memory_is_four_spaces),
        TEST(the_table_is_of_the_fullest_device),
        TEST(time_is_split_among_nodes),
        TEST(a_phase_without_work_has_no_row),
        TEST(other_domains_add_nothing_to_the_path),
        TEST(own_ranges_name_nodes_in_the_programs_steps),
        TEST(default_ranges_name_nodes_in_own_steps),
        TEST(start_end_ranges_may_overlap),
        TEST(threads_have_stacks_of_their_own),
        TEST(waiting_for_another_thread_is_no_work),
        TEST(a_thread_that_ends_leaves_its_ranges),
        TEST(operands_may_point_inside),
        TEST(outputs_outside_of_ranges),
    };
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
