/* The order of nodes, and how far the step is at each making and freeing: where nodes run several
 * times in a step, or around others, as modules of a framework do. */
#include "fixture.h"
#include "ticking.h"

/* Each allocation has its own size: 1 at 0x1000, 2 at 0x2000, and so on. */
static void make(uint64_t bytes) { build_alloc(&builder, 0, bytes * 0x1000, bytes); }
static void drop(uint64_t bytes) { build_free(&builder, 0, bytes * 0x1000); }
static void make_in(const char *node, uint64_t bytes)
{
    push(node);
    make(bytes);
    pop();
}
static void drop_in(const char *node, uint64_t bytes)
{
    push(node);
    drop(bytes);
    pop();
}

/* forward begins, but what it makes most of comes behind its last part; relu runs twice in each
 * pass. */
static void run_step(bool is_odd)
{
    push("step");
    push("forward");
    make(1);
    make_in("a", 16);
    make_in("relu", 2);
    if (is_odd)
        make_in("sometimes", 500);
    make_in("b", 8);
    make_in("relu", 5);
    make(100);
    pop();
    push("backward");
    drop_in("relu", 5);
    make_in("b", 4);
    drop_in("relu", 4); /* made in the node that came last, freed in one that came before it */
    drop_in("a", 16);
    drop(100);
    pop();
    for (uint64_t bytes = 1; bytes < 3; bytes++)
        drop(bytes);
    drop(8);
    if (is_odd)
        drop(500);
    pop();
}

static int begin_steps(void **state)
{
    begin(state);
    for (int i = 0; i < 4; i++)
        run_step(i == 2);
    builder.now_ns += 10;
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.account.violations, 0);
    return 0;
}

static void a_node_stands_at_its_peak(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "forward/a",     "forward/b",
        "forward/relu",  "forward/sometimes", /* in another step, behind relu */
        "forward",       "backward",          /* before its first part */
        "backward/relu", "backward/b",
        "backward/a",    "(no range)",
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_true(i < analysis.rows.n_ops);
        assert_string_equal(analysis.rows.rows[i].name, expected[i]);
        assert_int_equal(analysis.rows.rows[i].rank, i);
    }
}

/* What it adds is what it adds in that call, not what lies in it has added before. */
static void it_begins_with_that_call(void **state)
{
    (void)state;
    const struct node_row *forward = node_row_named(&analysis, "forward");
    assert_int_equal(forward->active_before, 1 + 16 + 2 + 8 + 5);
    assert_int_equal(forward->peak, forward->active_before + 100);
    assert_int_equal(forward->active_after, forward->peak);
    const struct node_row *relu = node_row_named(&analysis, "forward/relu");
    assert_int_equal(relu->active_before, 1 + 16 + 2 + 8);
    assert_int_equal(relu->peak, relu->active_before + 5);
    assert_int_equal(relu->calls_per_step, 2);
    assert_int_equal(node_row_named(&analysis, "(no range)")->active_before, 0);
}

static int64_t rank(const char *node) { return node_row_named(&analysis, node)->rank; }

static const struct tensor *tensor_of(uint64_t bytes)
{
    for (size_t i = 0; i < analysis.tensors.n_tensors; i++)
        if (analysis.tensors.tensors[i].id.bytes == bytes)
            return &analysis.tensors.tensors[i];
    fail_msg("no tensor of %llu bytes", (unsigned long long)bytes);
    return NULL;
}
static int64_t made_at(uint64_t bytes)
{
    return node_rows_made_at(&analysis.rows, tensor_of(bytes));
}
static int64_t freed_at(uint64_t bytes)
{
    return node_rows_at(&analysis.rows, tensor_of(bytes)->uses.freed);
}

static void lives_follow_the_order(void **state)
{
    (void)state;
    assert_int_equal(made_at(1), rank("forward/a")); /* the first of all: nothing came before */
    assert_int_equal(made_at(16), rank("forward/a"));
    assert_int_equal(made_at(2), rank("forward/a")); /* in relu, which stands further behind */
    assert_int_equal(made_at(8), rank("forward/b"));
    assert_int_equal(made_at(5), rank("forward/relu"));
    assert_int_equal(made_at(100), rank("forward"));
    assert_int_equal(freed_at(5), rank("backward/relu"));
    assert_int_equal(made_at(4), rank("backward/b"));
    assert_int_equal(freed_at(4), rank("backward/b")); /* in relu, which came before */
    assert_int_equal(freed_at(16), rank("backward/a"));
    assert_int_equal(freed_at(1), rank("(no range)"));
    assert_int_equal(freed_at(100), rank("backward/a")); /* in backward, behind its last part */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_node_stands_at_its_peak, begin_steps, finish),
        cmocka_unit_test_setup_teardown(it_begins_with_that_call, begin_steps, finish),
        cmocka_unit_test_setup_teardown(lives_follow_the_order, begin_steps, finish),
    };
    return cmocka_run_group_tests_name("node_order", tests, NULL, NULL);
}
