/* Convolution without bias, by cuDNN. */
#include "conv_plan.h"
#include "fail.h"
#include "generator.h"
#include "layers.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static size_t weight_count(const struct model *m, const struct node *node)
{
    const struct conv_node *conv = &node->conv;
    return (size_t)m->values[node->output].c * (size_t)m->values[node->input].c *
           (size_t)conv->kernel * (size_t)conv->kernel;
}

/* torch.nn.init.kaiming_normal_(mode="fan_out", nonlinearity="relu"), in the layout's order. */
static void initialise(const struct device *device, struct model *m, const struct node *node)
{
    const struct conv_node *conv = &node->conv;
    const size_t k_count = (size_t)m->values[node->output].c;
    const size_t c_count = (size_t)m->values[node->input].c;
    const size_t window = (size_t)conv->kernel * (size_t)conv->kernel;
    const struct parameter *p = &m->parameters[conv->weight];
    float *w = must_alloc(p->count, sizeof *w);
    const struct generator g = generator_open(m->seed, (uint64_t)conv->weight);
    const float scale = generator_normal_scale(sqrt(2.0 / (double)(k_count * window)));
    size_t element = 0; /* OIHW */
    for (size_t k = 0; k < k_count; k++)
        for (size_t c = 0; c < c_count; c++)
            for (size_t rs = 0; rs < window; rs++, element++) {
                const size_t at =
                    device->layout == LAYOUT_NHWC ? (k * window + rs) * c_count + c : element;
                w[at] = generator_normal(g, element, scale);
            }
    upload(device, p->data, w, p->count * sizeof *w);
    free(w);
}

/*
 * Whether the node's share of its input's gradient is added to another's: gradients are made in the
 * reverse order of the nodes, so a later user of the value has left its own.
 */
static bool accumulates(const struct model *m, const struct node *node)
{
    for (const struct node *later = node + 1; later < m->nodes + m->n_nodes; later++)
        if (later->input == node->input || later->other == node->input)
            return true;
    return false;
}

static struct conv_spec spec_of(const struct device *device, const struct model *m,
                                const struct node *node, enum conv_pass pass)
{
    const struct value *x = &m->values[node->input];
    return (struct conv_spec){
        .pass = pass,
        .n = x->n,
        .c = x->c,
        .h = x->h,
        .w = x->w,
        .k = m->values[node->output].c,
        .kernel = node->conv.kernel,
        .stride = node->conv.stride,
        .pad = node->conv.pad,
        .nhwc = device->layout == LAYOUT_NHWC,
        .tf32 = device->precision == PRECISION_TF32,
        .deterministic = device->deterministic == DETERMINISTIC_YES,
        .accumulate = pass == CONV_BACKWARD_DATA && accumulates(m, node),
    };
}

/* An earlier node's plan for the same, or NULL. */
static struct conv_plan *find_plan(const struct model *m, const struct node *before,
                                   const struct conv_spec *spec)
{
    for (const struct node *earlier = m->nodes; earlier < before; earlier++) {
        struct conv_plan *plan =
            earlier->layer == &layer_conv ? earlier->conv.plans[spec->pass] : NULL;
        if (plan && conv_spec_equal(&plan->spec, spec))
            return plan;
    }
    return NULL;
}

static void setup(const struct device *device, struct model *m, struct node *node)
{
    struct conv_node *conv = &node->conv;
    conv->weight = model_add_parameter(device, m, node, "weight", weight_count(m, node));
    initialise(device, m, node);
    for (int pass = 0; pass < CONV_PASSES; pass++) {
        if (pass == CONV_BACKWARD_DATA && node->input == 0) /* the images need no gradient */
            continue;
        const struct conv_spec spec = spec_of(device, m, node, (enum conv_pass)pass);
        conv->plans[pass] = find_plan(m, node, &spec);
        conv->shares[pass] = conv->plans[pass] != NULL;
        if (!conv->shares[pass])
            conv->plans[pass] = conv_plan_new(device->cudnn, &spec);
    }
}

static void close_node(const struct device *device, struct node *node)
{
    (void)device;
    for (int pass = 0; pass < CONV_PASSES; pass++)
        if (!node->conv.shares[pass])
            conv_plan_free(node->conv.plans[pass]);
}

/* Runs a pass in a workspace of its own. */
static void run(const struct device *device, const struct conv_plan *plan, const struct buffer *x,
                const struct buffer *w, const struct buffer *y)
{
    struct buffer *workspace =
        plan->workspace_bytes ? buffer_new(device, plan->workspace_bytes) : NULL;
    conv_plan_run(device->cudnn, plan, x->data, w->data, y->data,
                  workspace ? workspace->data : NULL);
    buffer_release(device, &workspace);
}

static void forward(const struct device *device, struct model *m, struct node *node)
{
    struct value *y = &m->values[node->output];
    value_make(device, y);
    run(device, node->conv.plans[CONV_FORWARD], m->values[node->input].data,
        m->parameters[node->conv.weight].data, y->data);
}

static void backward_data(const struct device *device, struct model *m, const struct node *node)
{
    const struct conv_plan *plan = node->conv.plans[CONV_BACKWARD_DATA];
    struct value *x = &m->values[node->input];
    /* A gradient that is there is in a buffer that is x's alone by now: all that read it as their
       output's gradient come before this node. */
    assert(plan->spec.accumulate == (x->grad != NULL));
    if (!plan->spec.accumulate)
        value_make_grad(device, x);
    run(device, plan, x->grad, m->parameters[node->conv.weight].data, m->values[node->output].grad);
}

static void backward_filter(const struct device *device, struct model *m, const struct node *node)
{
    struct parameter *w = &m->parameters[node->conv.weight];
    parameter_make_grad(device, w);
    run(device, node->conv.plans[CONV_BACKWARD_FILTER], m->values[node->input].data, w->grad,
        m->values[node->output].grad);
}

static void backward(const struct device *device, struct model *m, struct node *node)
{
    if (node->input != 0)
        backward_data(device, m, node);
    backward_filter(device, m, node);
}

const struct layer layer_conv = {
    .backward_reads = BACKWARD_READS_INPUT,
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .close = close_node,
};
