/* A whole small training: nodes, tensors, peak and books, all worked out by hand. */
#include "small_training.h"

#include <stdlib.h>
#include <string.h>

static struct builder builder;
static struct analysis analysis;

static int analyse_four_steps(void **state)
{
    (void)state;
    small_training(&builder, 4);
    build_close(&builder);
    return build_analyse(&builder, &analysis, NULL) != ANALYSIS_DONE;
}

static int finish(void **state)
{
    (void)state;
    analysis_free(&analysis);
    build_end(&builder);
    return 0;
}

static void steps_are_counted(void **state)
{
    (void)state;
    assert_int_equal(analysis.steps.n_steps, 4);
    assert_int_equal(analysis.steps.n_complete, 4);
    assert_int_equal(analysis.steps.n_counted, 3);
    assert_int_equal(analysis.reference_step, 1);
    /* From step 1 on: 10 ns before each of the 39 records behind the push. */
    assert_int_equal(analysis.step_ns, 390);
    assert_int_equal(analysis.step_mad_ns, 0);
}

static void nodes_are_rows_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *op;
        enum gtype gtype;
        uint64_t before, after, peak, size, ns;
    } expected[] = {
        {"zero_grad", "-", GTYPE_OTHER, 1200, 800, 1200, 0, 20},
        {"data", "cudaMemcpy", GTYPE_OTHER, 800, 900, 900, 100, 30},
        {"forward/conv", "cudnnConvolutionForward", GTYPE_FORWARD, 900, 1100, 1150, 200, 50},
        {"forward/loss", "loss", GTYPE_FORWARD, 1100, 1116, 1116, 16, 30},
        {"backward/loss", "loss_backward", GTYPE_BACKWARD, 1116, 1300, 1316, 200, 40},
        {"backward/conv", "cudnnConvolutionBackward", GTYPE_BACKWARD, 1300, 1200, 1700, 400, 60},
        {"optimizer/sgd", "sgd", GTYPE_OPTIMIZER, 1200, 1200, 1200, 0, 20},
        /* No work of its own, but the time outside all of these: 390 - 250. */
        {"(no range)", "-", GTYPE_OTHER, 1200, 1200, 1200, 0, 140},
    };
    size_t n = sizeof expected / sizeof expected[0];
    assert_int_equal(analysis.rows.n_ops, n);
    uint64_t ns = 0;
    for (size_t i = 0; i < n; i++) {
        const struct node_row *row = &analysis.rows.rows[i];
        assert_string_equal(row->name, expected[i].name);
        assert_int_equal(row->rank, i);
        assert_string_equal(row->op, expected[i].op);
        assert_int_equal(row->gtype, expected[i].gtype);
        assert_int_equal(row->active_before, expected[i].before);
        assert_int_equal(row->active_after, expected[i].after);
        assert_int_equal(row->peak, expected[i].peak);
        assert_int_equal(row->size, expected[i].size);
        assert_int_equal(row->run_ns, expected[i].ns);
        assert_int_equal(row->steps, 3);
        assert_int_equal(row->calls_per_step, 1);
        ns += row->run_ns;
    }
    assert_int_equal(ns, analysis.step_ns);
}

static void roles_add_up_to_each_peak(void **state)
{
    (void)state;
    for (size_t i = 0; i < analysis.rows.n_rows; i++) {
        uint64_t sum = 0;
        for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
            sum += analysis.rows.rows[i].by_role[role];
        assert_int_equal(sum, analysis.rows.rows[i].peak);
    }
    const struct node_row *peak = node_row_named(&analysis, "backward/conv");
    assert_int_equal(peak->by_role[GP_ROLE_PARAMETER], 400);
    assert_int_equal(peak->by_role[GP_ROLE_OPT_STATE], 400);
    assert_int_equal(peak->by_role[GP_ROLE_GRADIENT], 400);
    assert_int_equal(peak->by_role[GP_ROLE_ACTIVATION], 200);
    assert_int_equal(peak->by_role[GP_ROLE_ACTIVATION_GRAD], 200);
    assert_int_equal(peak->by_role[GP_ROLE_INPUT], 100);
    assert_memory_equal(peak->by_role, analysis.account.peak.by_role, sizeof peak->by_role);
}

static void tensors_have_roles_and_lives(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum gp_role role;
        enum role_source source;
        uint64_t bytes;
        int64_t producer, first_fw, last_fw, first_bw, last_bw, freed;
        bool at_peak;
        uint64_t idle_ns;
    } expected[] = {
        {"conv.w", GP_ROLE_PARAMETER, ROLE_SOURCE_OPERAND, 400, -1, 2, 2, 5, 5, -1, true, 160},
        {"conv.x", GP_ROLE_INPUT, ROLE_SOURCE_OPERAND, 100, 1, 2, 2, 5, 5, 5, true, 160},
        {"conv.y", GP_ROLE_ACTIVATION, ROLE_SOURCE_OPERAND, 200, 2, 2, 3, -1, -1, 5, true, 0},
        {"conv.ws", GP_ROLE_WORKSPACE, ROLE_SOURCE_OPERAND, 50, 2, 2, 2, -1, -1, 2, false, 0},
        {"loss.activation", GP_ROLE_ACTIVATION, ROLE_SOURCE_LIFETIME, 16, 3, 3, 3, 4, 4, 4, false,
         60},
        {"conv.dy", GP_ROLE_ACTIVATION_GRAD, ROLE_SOURCE_OPERAND, 200, 4, -1, -1, 4, 5, 5, true, 0},
        {"conv.dw", GP_ROLE_GRADIENT, ROLE_SOURCE_OPERAND, 400, 5, -1, -1, 5, 5, 0, true, 0},
        {"conv.w.opt_state", GP_ROLE_OPT_STATE, ROLE_SOURCE_LIFETIME, 400, 6, -1, -1, -1, -1, -1,
         true, 0},
    };
    size_t n = sizeof expected / sizeof expected[0];
    assert_int_equal(analysis.tensors.n_tensors, n);
    for (size_t i = 0; i < n; i++) {
        const struct tensor *tensor = tensor_named(&analysis, expected[i].name);
        const struct tensor_uses *uses = &tensor->uses;
        assert_int_equal(tensor->role, expected[i].role);
        assert_int_equal(tensor->role_source, expected[i].source);
        assert_int_equal(tensor->id.bytes, expected[i].bytes);
        assert_int_equal(tensor->steps, 3);
        assert_int_equal(node_rows_made_at(&analysis.rows, tensor), expected[i].producer);
#define RANK(of) node_rows_at(&analysis.rows, uses->of)
        assert_int_equal(RANK(first_fw), expected[i].first_fw);
        assert_int_equal(RANK(last_fw), expected[i].last_fw);
        assert_int_equal(RANK(first_bw), expected[i].first_bw);
        assert_int_equal(RANK(last_bw), expected[i].last_bw);
        assert_int_equal(RANK(freed), expected[i].freed);
        assert_int_equal(uses->live_at_peak, expected[i].at_peak);
        if (expected[i].idle_ns)
            assert_int_equal(uses->first_bw_ns - uses->last_fw_ns, expected[i].idle_ns);
    }
}

static void tensors_are_nodes_as_well(void **state)
{
    (void)state;
    static const struct {
        const char *name, *type;
        int64_t rank;
    } expected[] = {
        {"conv.w", "parameter", -1},
        {"conv.dw", "gradient", 5},
        {"conv.w.opt_state", "opt_state", -1},
    };
    assert_int_equal(analysis.rows.n_rows - analysis.rows.n_ops, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct node_row *row = &analysis.rows.rows[analysis.rows.n_ops + i];
        assert_string_equal(row->name, expected[i].name);
        assert_string_equal(row->node_type, expected[i].type);
        assert_int_equal(row->rank, expected[i].rank);
        assert_int_equal(row->peak, 400);
        assert_int_equal(row->size, 400);
        assert_int_equal(row->run_ns, 0);
    }
}

static void books_balance(void **state)
{
    (void)state;
    /* W, then 12 allocations and frees a step; 4 ends of steps and the end. */
    assert_int_equal(analysis.account.checks, 49 + 5);
    assert_int_equal(analysis.account.violations, 0);
    assert_int_equal(analysis.account.peak.bytes, 1700);
    assert_int_equal(analysis.account.peak.persistent, 800);
    assert_int_equal(analysis.identify.devices[0].whole.bytes, 1700);
}

/* The check itself: books that begin with a byte too much must be found out. */
static void unbalanced_books_are_found(void **state)
{
    (void)state;
    struct account *books = calloc(1, sizeof *books);
    books->replay.capture = &analysis.capture;
    books->replay.facts = &analysis.facts;
    books->replay.steps = &analysis.steps;
    books->replay.nodes = &analysis.nodes;
    books->tensors = &analysis.tensors;
    books->reference_peak = &analysis.reference_peak;
    books->reference_step = SIZE_MAX - 1;
    books->by_role[GP_ROLE_OTHER] = 1;
    account_run(books);
    assert_int_equal(books->violations, 49); /* at every event */
    assert_true(books->first_violation > 0);
    account_free(books);
    free(books);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_counted),
        cmocka_unit_test(nodes_are_rows_in_order),
        cmocka_unit_test(roles_add_up_to_each_peak),
        cmocka_unit_test(tensors_have_roles_and_lives),
        cmocka_unit_test(tensors_are_nodes_as_well),
        cmocka_unit_test(books_balance),
        cmocka_unit_test(unbalanced_books_are_found),
    };
    return cmocka_run_group_tests_name("account", tests, analyse_four_steps, finish);
}
