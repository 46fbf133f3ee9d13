/*
 * Mean cross entropy of softmax: log-probabilities by cuDNN, loss and gradient by own kernels. The
 * loss is kept per image; the host takes the mean, which needs no reduction on the device.
 */
#include "fail.h"
#include "kernels/kernels.h"
#include "layers.h"

static void forward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    const struct value *x = &m->values[node->input];
    node->loss.log_prob = buffer_new(device, value_bytes(x));
    CHECK_CUDNN(cudnnSoftmaxForward(device->cudnn, CUDNN_SOFTMAX_LOG, CUDNN_SOFTMAX_MODE_CHANNEL,
                                    &one, x->desc, x->data->data, &zero, x->desc,
                                    node->loss.log_prob->data));
    m->losses = buffer_new(device, (size_t)x->n * sizeof(float));
    const struct cross_entropy_forward_args args = {
        .log_prob = node->loss.log_prob->data,
        .label = m->labels->data,
        .losses = m->losses->data,
        .rows = (uint32_t)x->n,
        .classes = (uint32_t)x->c,
    };
    CHECK_CUDA(launch_cross_entropy_forward(&args, device->stream));
}

static void backward(const struct device *device, struct model *m, struct node *node)
{
    struct value *x = &m->values[node->input];
    value_make_grad(device, x);
    const struct cross_entropy_backward_args args = {
        .log_prob = node->loss.log_prob->data,
        .label = m->labels->data,
        .d_logits = x->grad->data,
        .rows = (uint32_t)x->n,
        .classes = (uint32_t)x->c,
    };
    CHECK_CUDA(launch_cross_entropy_backward(&args, device->stream));
    buffer_release(device, &node->loss.log_prob);
    buffer_release(device, &m->labels);
}

const struct layer layer_loss = {
    .in_place = true,
    .forward = forward,
    .backward = backward,
};
