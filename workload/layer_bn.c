/* Batch normalisation over each channel, in training mode, by cuDNN. */
#include "fail.h"
#include "layers.h"

#include <stdlib.h>

#define EPSILON  1e-5
#define MOMENTUM 0.1 /* running = 0.9 running + 0.1 batch; the variance unbiased, as in PyTorch */

/* Plain spatial mode: the persistent one may overflow and differs from run to run. */
#define MODE CUDNN_BATCHNORM_SPATIAL

static void fill(const struct device *device, struct buffer *to, float value, size_t count)
{
    float *host = must_alloc(count, sizeof *host);
    for (size_t i = 0; i < count; i++)
        host[i] = value;
    upload(device, to, host, count * sizeof *host);
    free(host);
}

static void setup(const struct device *device, struct model *m, struct node *node)
{
    struct bn_node *bn = &node->bn;
    const size_t count = (size_t)m->values[node->input].c;
    CHECK_CUDNN(cudnnCreateTensorDescriptor(&bn->desc));
    CHECK_CUDNN(cudnnDeriveBNTensorDescriptor(bn->desc, m->values[node->input].desc, MODE));
    bn->weight = model_add_parameter(device, m, node, "weight", count);
    bn->bias = model_add_parameter(device, m, node, "bias", count);
    bn->running_mean = buffer_new(device, count * sizeof(float));
    bn->running_var = buffer_new(device, count * sizeof(float));
    fill(device, m->parameters[bn->weight].data, bn->initial_weight, count);
    fill(device, m->parameters[bn->bias].data, 0.0f, count);
    fill(device, bn->running_mean, 0.0f, count);
    fill(device, bn->running_var, 1.0f, count);
}

static void close_node(const struct device *device, struct node *node)
{
    struct bn_node *bn = &node->bn;
    buffer_release(device, &bn->running_mean);
    buffer_release(device, &bn->running_var);
    buffer_release(device, &bn->saved_mean);
    buffer_release(device, &bn->saved_invstd);
    CHECK_CUDNN(cudnnDestroyTensorDescriptor(bn->desc));
}

static void forward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    struct bn_node *bn = &node->bn;
    const struct value *x = &m->values[node->input];
    struct value *y = &m->values[node->output];
    const size_t bytes = (size_t)x->c * sizeof(float);
    value_make(device, y);
    bn->saved_mean = buffer_new(device, bytes);
    bn->saved_invstd = buffer_new(device, bytes);
    CHECK_CUDNN(cudnnBatchNormalizationForwardTraining(
        device->cudnn, MODE, &one, &zero, x->desc, x->data->data, y->desc, y->data->data, bn->desc,
        m->parameters[bn->weight].data->data, m->parameters[bn->bias].data->data, MOMENTUM,
        bn->running_mean->data, bn->running_var->data, EPSILON, bn->saved_mean->data,
        bn->saved_invstd->data));
}

static void backward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    struct bn_node *bn = &node->bn;
    struct value *x = &m->values[node->input];
    const struct value *y = &m->values[node->output];
    struct parameter *weight = &m->parameters[bn->weight];
    struct parameter *bias = &m->parameters[bn->bias];
    value_make_grad(device, x);
    parameter_make_grad(device, weight);
    parameter_make_grad(device, bias);
    CHECK_CUDNN(cudnnBatchNormalizationBackward(
        device->cudnn, MODE, &one, &zero, &one, &zero, x->desc, x->data->data, y->desc,
        y->grad->data, x->desc, x->grad->data, bn->desc, weight->data->data, weight->grad->data,
        bias->grad->data, EPSILON, bn->saved_mean->data, bn->saved_invstd->data));
    buffer_release(device, &bn->saved_mean);
    buffer_release(device, &bn->saved_invstd);
}

const struct layer layer_bn = {
    .backward_reads = BACKWARD_READS_INPUT,
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .close = close_node,
};
