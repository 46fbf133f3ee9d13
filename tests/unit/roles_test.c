/* Each rule by which a tensor gets its role, one tensor a case. */
#include "capture_builder.h"

#include <stdlib.h>
#include <string.h>

#include "roles/roles.h"

#define READ  EVIDENCE_READ
#define WRITE EVIDENCE_WRITE
#define TOUCH EVIDENCE_TOUCH

enum where {
    AT_FORWARD,
    AT_BACKWARD,
    AT_OPTIMIZER,
    AT_OTHER,
    AT_NOWHERE /* outside steps, or never */
};

struct lifetime_case {
    const char *what;
    enum tensor_life life;
    enum where made, freed;
    bool same_call;
    bool from_host;
    uint8_t forward, backward, optimizer;
    enum gp_role role;
};

static const struct lifetime_case lifetime_cases[] = {
    {"persistent, optimizer only", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE, false, false, 0, 0,
     TOUCH, GP_ROLE_OPT_STATE},
    {"persistent, made in the optimizer, use unseen", TENSOR_PERSISTENT, AT_OPTIMIZER, AT_NOWHERE,
     false, false, 0, 0, 0, GP_ROLE_OPT_STATE},
    {"persistent, read in forward, updated", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE, false, true,
     READ, READ, TOUCH, GP_ROLE_PARAMETER},
    {"persistent, touched in forward, updated", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE, false,
     false, TOUCH, TOUCH, TOUCH, GP_ROLE_PARAMETER},
    {"persistent, made by backward for the optimizer", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE,
     false, false, 0, WRITE, TOUCH, GP_ROLE_GRADIENT},
    {"persistent, filled from the host", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE, false, true,
     TOUCH, 0, 0, GP_ROLE_INPUT},
    {"persistent, only ever read", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE, false, false, READ,
     READ, 0, GP_ROLE_BUFFER},
    {"persistent, written in forward, used in backward", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE,
     false, false, WRITE | READ, READ, 0, GP_ROLE_ACTIVATION},
    {"persistent, backward only", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE, false, false, 0, TOUCH,
     0, GP_ROLE_ACTIVATION_GRAD},
    {"persistent, never used", TENSOR_PERSISTENT, AT_NOWHERE, AT_NOWHERE, false, false, 0, 0, 0,
     GP_ROLE_OTHER},
    {"made in backward, touched by the optimizer", TENSOR_ONE_GAP, AT_BACKWARD, AT_OTHER, false,
     false, 0, WRITE, TOUCH, GP_ROLE_GRADIENT},
    {"made in backward, touched by the optimizer, zeroed in the step", TENSOR_IN_STEP, AT_BACKWARD,
     AT_OPTIMIZER, false, false, 0, WRITE, TOUCH, GP_ROLE_GRADIENT},
    {"made in backward, outlives it, use unseen", TENSOR_ONE_GAP, AT_BACKWARD, AT_OTHER, false,
     false, 0, 0, 0, GP_ROLE_GRADIENT},
    {"made and freed in backward", TENSOR_IN_STEP, AT_BACKWARD, AT_BACKWARD, false, false, 0, TOUCH,
     0, GP_ROLE_ACTIVATION_GRAD},
    {"made in forward, used in backward", TENSOR_IN_STEP, AT_FORWARD, AT_BACKWARD, false, false,
     TOUCH, TOUCH, 0, GP_ROLE_ACTIVATION},
    {"made in forward, freed in backward, use unseen", TENSOR_IN_STEP, AT_FORWARD, AT_BACKWARD,
     false, false, 0, 0, 0, GP_ROLE_ACTIVATION},
    {"made and freed in the same call of a forward node", TENSOR_IN_STEP, AT_FORWARD, AT_FORWARD,
     true, false, TOUCH, 0, 0, GP_ROLE_WORKSPACE},
    {"made and freed in the same call of a backward node", TENSOR_IN_STEP, AT_BACKWARD, AT_BACKWARD,
     true, false, 0, TOUCH, 0, GP_ROLE_WORKSPACE},
    {"copied from the host, read in forward", TENSOR_IN_STEP, AT_OTHER, AT_BACKWARD, false, true,
     TOUCH, 0, 0, GP_ROLE_INPUT},
    {"made outside any phase, freed in backward", TENSOR_IN_STEP, AT_OTHER, AT_BACKWARD, false,
     false, 0, TOUCH, 0, GP_ROLE_ACTIVATION},
    {"made outside any phase, use unseen", TENSOR_IN_STEP, AT_OTHER, AT_OTHER, false, false, 0, 0,
     0, GP_ROLE_OTHER},
};

static struct nodes nodes;
static struct facts facts;
static uint32_t node_at[AT_NOWHERE + 1];

static int name_nodes(void **state)
{
    (void)state;
    static const char *const names[] = {"forward", "backward", "optimizer", "data"};
    nodes_init(&nodes);
    for (uint32_t i = 0; i < 4; i++) {
        strings_add(&facts.strings, i + 1, names[i], strlen(names[i]));
        node_at[i] = nodes_child(&nodes, &facts, NODES_ROOT, i + 1);
    }
    return 0;
}

static int free_nodes(void **state)
{
    (void)state;
    nodes_free(&nodes);
    facts_free(&facts);
    return 0;
}

/* The role that a tensor alone in the table gets. */
static struct tensor decided(const struct tensor *tensor)
{
    struct tensor copy = *tensor;
    struct tensors tensors = {.tensors = &copy, .n_tensors = 1};
    roles_decide(&tensors, &nodes);
    return copy;
}

static struct tensor blank(enum tensor_life life)
{
    struct tensor tensor = {.life = life, .allocations = 3, .role = GP_ROLE_OTHER};
    tensor.role_source = ROLE_SOURCE_NONE;
    tensor.id.when = WHEN_BEFORE;
    evidence_init(&tensor.evidence);
    return tensor;
}

static void lifetime_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lifetime_cases / sizeof lifetime_cases[0]; i++) {
        const struct lifetime_case *c = &lifetime_cases[i];
        struct tensor tensor = blank(c->life);
        if (c->made != AT_NOWHERE) {
            tensor.id.when = WHEN_STEP;
            tensor.id.node = node_at[c->made];
        }
        if (c->freed != AT_NOWHERE)
            tensor.freed_in[nodes.nodes[node_at[c->freed]].gtype] = 3;
        tensor.freed_in_call = c->same_call ? 3 : 0;
        tensor.evidence.from_host = c->from_host;
        tensor.evidence.uses[GTYPE_FORWARD] = c->forward;
        tensor.evidence.uses[GTYPE_BACKWARD] = c->backward;
        tensor.evidence.uses[GTYPE_OPTIMIZER] = c->optimizer;
        tensor = decided(&tensor);
        if (tensor.role != c->role)
            fail_msg("%s: %s", c->what, gp_role_name(tensor.role));
        enum role_source source =
            c->role == GP_ROLE_OTHER ? ROLE_SOURCE_NONE : ROLE_SOURCE_LIFETIME;
        assert_int_equal(tensor.role_source, source);
    }
}

struct operand {
    enum gtype phase;
    enum gp_operand_mode mode;
    unsigned role;
    uint64_t offset;
};

struct operand_case {
    const char *what;
    enum tensor_life life;
    bool from_host;
    struct operand operands[3];
    unsigned role; /* GP_ROLE_ANY: the operands decide nothing */
};

#define FW GTYPE_FORWARD
#define BW GTYPE_BACKWARD

static const struct operand_case operand_cases[] = {
    {"written as an activation",
     TENSOR_IN_STEP,
     false,
     {{FW, GP_MODE_WRITE, GP_ROLE_ACTIVATION, 0}},
     GP_ROLE_ACTIVATION},
    {"read as weights",
     TENSOR_PERSISTENT,
     true,
     {{FW, GP_MODE_READ, GP_ROLE_PARAMETER, 0}},
     GP_ROLE_PARAMETER},
    {"written as a weight gradient",
     TENSOR_ONE_GAP,
     false,
     {{BW, GP_MODE_WRITE, GP_ROLE_GRADIENT, 0}},
     GP_ROLE_GRADIENT},
    {"scratch",
     TENSOR_PERSISTENT,
     false,
     {{FW, GP_MODE_SCRATCH, GP_ROLE_WORKSPACE, 0}},
     GP_ROLE_WORKSPACE},
    {"running mean",
     TENSOR_PERSISTENT,
     false,
     {{FW, GP_MODE_ACCUMULATE, GP_ROLE_BUFFER, 0}},
     GP_ROLE_BUFFER},
    {"the gradient is written over the activation",
     TENSOR_IN_STEP,
     false,
     {{FW, GP_MODE_WRITE, GP_ROLE_ACTIVATION, 0}, {BW, GP_MODE_WRITE, GP_ROLE_ACTIVATION_GRAD, 0}},
     GP_ROLE_ACTIVATION},
    {"a weight gradient outranks what came before",
     TENSOR_IN_STEP,
     false,
     {{BW, GP_MODE_SCRATCH, GP_ROLE_WORKSPACE, 0}, {BW, GP_MODE_WRITE, GP_ROLE_GRADIENT, 0}},
     GP_ROLE_GRADIENT},
    {"an activation that is added like a bias",
     TENSOR_IN_STEP,
     false,
     {{FW, GP_MODE_WRITE, GP_ROLE_ACTIVATION, 0}, {FW, GP_MODE_READ, GP_ROLE_PARAMETER, 0}},
     GP_ROLE_ACTIVATION},
    {"weights that were cast from others: persistent wins",
     TENSOR_PERSISTENT,
     false,
     {{FW, GP_MODE_WRITE, GP_ROLE_ACTIVATION, 0}, {FW, GP_MODE_READ, GP_ROLE_PARAMETER, 0}},
     GP_ROLE_PARAMETER},
    {"only read as x, from the host: input",
     TENSOR_IN_STEP,
     true,
     {{FW, GP_MODE_READ, GP_ROLE_ACTIVATION, 0}},
     GP_ROLE_INPUT},
    {"only read as x, by a kernel: activation",
     TENSOR_IN_STEP,
     false,
     {{FW, GP_MODE_READ, GP_ROLE_ACTIVATION, 0}},
     GP_ROLE_ACTIVATION},
    {"only read as x, always there: input",
     TENSOR_PERSISTENT,
     false,
     {{FW, GP_MODE_READ, GP_ROLE_ACTIVATION, 0}},
     GP_ROLE_INPUT},
    {"only read as dy",
     TENSOR_IN_STEP,
     false,
     {{BW, GP_MODE_READ, GP_ROLE_ACTIVATION_GRAD, 0}},
     GP_ROLE_ACTIVATION_GRAD},
    {"one block of memory for everything",
     TENSOR_PERSISTENT,
     false,
     {{FW, GP_MODE_READ, GP_ROLE_PARAMETER, 0}, {FW, GP_MODE_WRITE, GP_ROLE_ACTIVATION, 512}},
     GP_ROLE_ANY},
    {"one block for all weights",
     TENSOR_PERSISTENT,
     false,
     {{FW, GP_MODE_READ, GP_ROLE_PARAMETER, 0}, {FW, GP_MODE_READ, GP_ROLE_PARAMETER, 512}},
     GP_ROLE_PARAMETER},
};

static void operand_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof operand_cases / sizeof operand_cases[0]; i++) {
        const struct operand_case *c = &operand_cases[i];
        struct tensor tensor = blank(c->life);
        tensor.evidence.from_host = c->from_host;
        for (unsigned o = 0; o < 3 && c->operands[o].mode; o++)
            evidence_operand(&tensor.evidence, c->operands[o].phase, c->operands[o].mode,
                             c->operands[o].role, c->operands[o].offset,
                             (struct evidence_use){1, o + 1, EVIDENCE_COMPUTED});
        tensor = decided(&tensor);
        enum gp_role role = c->role == GP_ROLE_ANY ? GP_ROLE_OTHER : (enum gp_role)c->role;
        if (tensor.role != role)
            fail_msg("%s: %s", c->what, gp_role_name(tensor.role));
        assert_int_equal(tensor.role_source,
                         c->role == GP_ROLE_ANY ? ROLE_SOURCE_NONE : ROLE_SOURCE_OPERAND);
    }
}

static void a_mark_outranks_all(void **state)
{
    (void)state;
    struct tensor tensor = blank(TENSOR_PERSISTENT);
    evidence_operand(&tensor.evidence, FW, GP_MODE_READ, GP_ROLE_PARAMETER, 0,
                     (struct evidence_use){1, 1, EVIDENCE_COMPUTED});
    tensor.evidence.marked = true;
    tensor.evidence.mark_role = GP_ROLE_BUFFER;
    tensor = decided(&tensor);
    assert_int_equal(tensor.role, GP_ROLE_BUFFER);
    assert_int_equal(tensor.role_source, ROLE_SOURCE_NVTX);
}

static void later_allocations_add_what_they_show(void **state)
{
    (void)state;
    struct evidence first;
    struct evidence second;
    evidence_init(&first);
    evidence_init(&second);
    evidence_operand(&second, FW, GP_MODE_WRITE, GP_ROLE_ACTIVATION, 0,
                     (struct evidence_use){4, 5, EVIDENCE_COMPUTED});
    second.from_host = true;
    evidence_merge(&first, &second);
    assert_int_equal(first.first_strong, GP_ROLE_ACTIVATION);
    assert_int_equal(first.uses[GTYPE_FORWARD], EVIDENCE_WRITE);
    assert_int_equal(first.by_role[GP_ROLE_ACTIVATION].node, 4);
    assert_true(first.from_host);
}

/* The states of a multi-tensor optimizer find their parameters in either order. */
static void states_find_their_parameters(void **state)
{
    (void)state;
    for (int interleaved = 0; interleaved < 2; interleaved++) {
        struct builder builder;
        struct analysis analysis;
        const uint64_t w0 = 0x1000, w1 = 0x2000, m0 = 0x3000, m1 = 0x4000, v0 = 0x5000, v1 = 0x6000;
        build_begin(&builder);
        build_alloc(&builder, 0, w0, 64);
        build_alloc(&builder, 0, w1, 32);
        build_alloc(&builder, 0, m0, 64);
        build_alloc(&builder, 0, m1, 32);
        build_alloc(&builder, 0, v0, 64);
        build_alloc(&builder, 0, v1, 32);
        for (int step = 0; step < 2; step++) {
            build_push(&builder, 0, "step");
            build_push(&builder, 0, "forward");
            BUILD_LAUNCH(&builder, 0, "first", w0);
            BUILD_LAUNCH(&builder, 0, "second", w1);
            build_pop(&builder, 0);
            build_push(&builder, 0, "optimizer");
            if (interleaved)
                BUILD_LAUNCH(&builder, 0, "adam", w0, m0, v0, w1, m1, v1);
            else
                BUILD_LAUNCH(&builder, 0, "adam", w0, w1, m0, m1, v0, v1);
            build_pop(&builder, 0);
            build_pop(&builder, 0);
        }
        assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
        assert_int_equal(tensor_named(&analysis, "forward.parameter")->id.bytes, 64);
        assert_int_equal(tensor_named(&analysis, "forward.parameter#2")->id.bytes, 32);
        assert_int_equal(tensor_named(&analysis, "forward.parameter.opt_state")->id.bytes, 64);
        assert_int_equal(tensor_named(&analysis, "forward.parameter.opt_state#2")->id.bytes, 64);
        assert_int_equal(tensor_named(&analysis, "forward.parameter#2.opt_state")->id.bytes, 32);
        assert_int_equal(tensor_named(&analysis, "forward.parameter#2.opt_state#2")->id.bytes, 32);
        analysis_free(&analysis);
        build_end(&builder);
    }
}

/* A temporary at the place where the first step made what stays is another tensor. */
static void what_stays_and_what_goes_are_two_tensors(void **state)
{
    (void)state;
    struct builder builder;
    struct analysis analysis;
    build_begin(&builder);
    for (int step = 0; step < 4; step++) {
        build_push(&builder, 0, "step");
        build_push(&builder, 0, "optimizer");
        build_alloc(&builder, 0, 0x1000 + 0x1000 * (uint64_t)step, 64);
        if (step > 0)
            build_free(&builder, 0, 0x1000 + 0x1000 * (uint64_t)step);
        build_pop(&builder, 0);
        build_pop(&builder, 0);
    }
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.tensors.n_tensors, 2);
    assert_int_equal(tensor_named(&analysis, "optimizer.opt_state")->steps, 3);
    assert_int_equal(tensor_named(&analysis, "optimizer.workspace")->steps, 3);
    const struct node_row *row = node_row_named(&analysis, "optimizer");
    assert_int_equal(row->peak, 128);
    assert_int_equal(row->by_role[GP_ROLE_OPT_STATE], 64);
    assert_int_equal(row->by_role[GP_ROLE_WORKSPACE], 64);
    analysis_free(&analysis);
    build_end(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lifetime_rules, name_nodes, free_nodes),
        cmocka_unit_test_setup_teardown(operand_rules, name_nodes, free_nodes),
        cmocka_unit_test_setup_teardown(a_mark_outranks_all, name_nodes, free_nodes),
        cmocka_unit_test(later_allocations_add_what_they_show),
        cmocka_unit_test(states_find_their_parameters),
        cmocka_unit_test(what_stays_and_what_goes_are_two_tensors),
    };
    return cmocka_run_group_tests_name("roles", tests, NULL, NULL);
}
