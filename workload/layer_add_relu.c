/*
 * The residual addition and its ReLU: input = max(input + other, 0), in one pass over memory by an
 * own kernel; by cuDNN it is two. Backward only the ReLU has something to do, which is
 * layer_relu's.
 */
#include "fail.h"
#include "kernels/kernels.h"
#include "layers.h"

#include <assert.h>

static void setup(const struct device *device, struct model *m, struct node *node)
{
    layer_relu.setup(device, m, node);
}

static void close_node(const struct device *device, struct node *node)
{
    layer_relu.close(device, node);
}

static void forward(const struct device *device, struct model *m, struct node *node)
{
    const struct value *y = &m->values[node->output];
    const struct add_relu_args args = {
        .sum = y->data->data,
        .other = m->values[node->other].data->data,
        .count = (uint32_t)value_count(y),
    };
    CHECK_CUDA(launch_add_relu(&args, device->stream));
}

/* The addition's gradient passes unchanged to both inputs: one buffer serves them. */
static void backward(const struct device *device, struct model *m, struct node *node)
{
    layer_relu.backward(device, m, node);
    assert(!m->values[node->other].grad);
    m->values[node->other].grad = buffer_share(m->values[node->output].grad);
}

const struct layer layer_add_relu = {
    .backward_reads = BACKWARD_READS_OUTPUT,
    .in_place = true,
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .close = close_node,
};
