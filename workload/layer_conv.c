/* Convolution without bias, by cuDNN. */
#include "fail.h"
#include "generator.h"
#include "layers.h"

#include <math.h>
#include <stdlib.h>

/*
 * Algorithms may take this much workspace. Enough for the fast ones at the batch sizes of one GPU;
 * the bytes count towards the peak, so there is a bound.
 */
#define WORKSPACE_LIMIT ((size_t)256 << 20)

enum {
    CANDIDATES = 10
};

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
 * Of cuDNN's ranking, best first, the first that runs, gives the same bits each time and keeps to
 * the workspace limit. The ranking is a function of shapes and device, so the choice repeats.
 */
#define CHOOSE(perf, count, what, node)                                                            \
    do {                                                                                           \
        int choice = 0;                                                                            \
        while (choice < (count) && ((perf)[choice].status != CUDNN_STATUS_SUCCESS ||               \
                                    (perf)[choice].determinism != CUDNN_DETERMINISTIC ||           \
                                    (perf)[choice].memory > WORKSPACE_LIMIT))                      \
            choice++;                                                                              \
        if (choice == (count))                                                                     \
            fail("no deterministic algorithm for the " what                                        \
                 " of %s within %zu bytes of workspace",                                           \
                 (node)->name, WORKSPACE_LIMIT);                                                   \
        (perf)[0] = (perf)[choice];                                                                \
    } while (0)

static struct conv_plan choose(const struct device *device, const struct model *m,
                               const struct node *node)
{
    const struct conv_node *conv = &node->conv;
    const cudnnTensorDescriptor_t x = m->values[node->input].desc;
    const cudnnTensorDescriptor_t y = m->values[node->output].desc;
    struct conv_plan plan = {0};
    int count = 0;

    cudnnConvolutionFwdAlgoPerf_t fwd[CANDIDATES];
    CHECK_CUDNN(cudnnGetConvolutionForwardAlgorithm_v7(device->cudnn, x, conv->filter, conv->desc,
                                                       y, CANDIDATES, &count, fwd));
    CHOOSE(fwd, count, "forward pass", node);
    plan.forward = (int)fwd[0].algo;
    CHECK_CUDNN(cudnnGetConvolutionForwardWorkspaceSize(device->cudnn, x, conv->filter, conv->desc,
                                                        y, fwd[0].algo, &plan.forward_bytes));

    cudnnConvolutionBwdFilterAlgoPerf_t filter[CANDIDATES];
    CHECK_CUDNN(cudnnGetConvolutionBackwardFilterAlgorithm_v7(
        device->cudnn, x, y, conv->desc, conv->filter, CANDIDATES, &count, filter));
    CHOOSE(filter, count, "weight gradient", node);
    plan.backward_filter = (int)filter[0].algo;
    CHECK_CUDNN(cudnnGetConvolutionBackwardFilterWorkspaceSize(device->cudnn, x, y, conv->desc,
                                                               conv->filter, filter[0].algo,
                                                               &plan.backward_filter_bytes));
    if (node->input == 0) /* nobody asks for the images' gradient */
        return plan;

    cudnnConvolutionBwdDataAlgoPerf_t data[CANDIDATES];
    CHECK_CUDNN(cudnnGetConvolutionBackwardDataAlgorithm_v7(
        device->cudnn, conv->filter, y, conv->desc, x, CANDIDATES, &count, data));
    CHOOSE(data, count, "input gradient", node);
    plan.backward_data = (int)data[0].algo;
    CHECK_CUDNN(cudnnGetConvolutionBackwardDataWorkspaceSize(
        device->cudnn, conv->filter, y, conv->desc, x, data[0].algo, &plan.backward_data_bytes));
    return plan;
}

static bool same_shape(const struct model *m, const struct node *a, const struct node *b)
{
    const struct value *x = &m->values[a->input], *u = &m->values[b->input];
    return x->c == u->c && x->h == u->h && x->w == u->w &&
           m->values[a->output].c == m->values[b->output].c && a->conv.kernel == b->conv.kernel &&
           a->conv.stride == b->conv.stride && (a->input == 0) == (b->input == 0);
}

static void setup(const struct device *device, struct model *m, struct node *node)
{
    struct conv_node *conv = &node->conv;
    CHECK_CUDNN(cudnnCreateFilterDescriptor(&conv->filter));
    CHECK_CUDNN(cudnnSetFilter4dDescriptor(conv->filter, CUDNN_DATA_FLOAT, device_format(device),
                                           m->values[node->output].c, m->values[node->input].c,
                                           conv->kernel, conv->kernel));
    CHECK_CUDNN(cudnnCreateConvolutionDescriptor(&conv->desc));
    CHECK_CUDNN(cudnnSetConvolution2dDescriptor(conv->desc, conv->pad, conv->pad, conv->stride,
                                                conv->stride, 1, 1, CUDNN_CROSS_CORRELATION,
                                                CUDNN_DATA_FLOAT));
    CHECK_CUDNN(cudnnSetConvolutionMathType(conv->desc, device_math(device)));
    conv->weight = model_add_parameter(device, m, node, "weight", weight_count(m, node));
    initialise(device, m, node);

    for (const struct node *earlier = m->nodes; earlier < node; earlier++)
        if (earlier->layer == &layer_conv && same_shape(m, earlier, node)) {
            conv->plan = earlier->conv.plan;
            return;
        }
    conv->plan = choose(device, m, node);
}

static void close_node(const struct device *device, struct node *node)
{
    (void)device;
    CHECK_CUDNN(cudnnDestroyFilterDescriptor(node->conv.filter));
    CHECK_CUDNN(cudnnDestroyConvolutionDescriptor(node->conv.desc));
}

/* The workspace of one call: NULL for none. */
static struct buffer *workspace_new(const struct device *device, size_t bytes)
{
    return bytes ? buffer_new(device, bytes) : NULL;
}

static void *workspace_data(const struct buffer *workspace)
{
    return workspace ? workspace->data : NULL;
}

static void forward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    const struct conv_node *conv = &node->conv;
    const struct value *x = &m->values[node->input];
    struct value *y = &m->values[node->output];
    value_make(device, y);
    struct buffer *workspace = workspace_new(device, conv->plan.forward_bytes);
    CHECK_CUDNN(cudnnConvolutionForward(device->cudnn, &one, x->desc, x->data->data, conv->filter,
                                        m->parameters[conv->weight].data->data, conv->desc,
                                        (cudnnConvolutionFwdAlgo_t)conv->plan.forward,
                                        workspace_data(workspace), conv->plan.forward_bytes, &zero,
                                        y->desc, y->data->data));
    buffer_release(device, &workspace);
}

static void backward_data(const struct device *device, struct model *m, const struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    const struct conv_node *conv = &node->conv;
    const struct value *y = &m->values[node->output];
    struct value *x = &m->values[node->input];
    /* Another user of x may have left its share of the gradient, in a buffer that is x's alone by
       now: all that read it as their output's gradient come before this node. */
    const bool accumulate = x->grad != NULL;
    if (!accumulate)
        value_make_grad(device, x);
    struct buffer *workspace = workspace_new(device, conv->plan.backward_data_bytes);
    CHECK_CUDNN(cudnnConvolutionBackwardData(
        device->cudnn, &one, conv->filter, m->parameters[conv->weight].data->data, y->desc,
        y->grad->data, conv->desc, (cudnnConvolutionBwdDataAlgo_t)conv->plan.backward_data,
        workspace_data(workspace), conv->plan.backward_data_bytes, accumulate ? &one : &zero,
        x->desc, x->grad->data));
    buffer_release(device, &workspace);
}

static void backward_filter(const struct device *device, struct model *m, const struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    const struct conv_node *conv = &node->conv;
    const struct value *x = &m->values[node->input];
    const struct value *y = &m->values[node->output];
    struct parameter *w = &m->parameters[conv->weight];
    parameter_make_grad(device, w);
    struct buffer *workspace = workspace_new(device, conv->plan.backward_filter_bytes);
    CHECK_CUDNN(cudnnConvolutionBackwardFilter(
        device->cudnn, &one, x->desc, x->data->data, y->desc, y->grad->data, conv->desc,
        (cudnnConvolutionBwdFilterAlgo_t)conv->plan.backward_filter, workspace_data(workspace),
        conv->plan.backward_filter_bytes, &zero, conv->filter, w->grad->data));
    buffer_release(device, &workspace);
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
