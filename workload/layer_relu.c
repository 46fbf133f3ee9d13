/* ReLU in place, by cuDNN: the output takes the input's memory, in both directions. */
#include "fail.h"
#include "layers.h"

static void setup(const struct device *device, struct model *m, struct node *node)
{
    (void)device;
    (void)m;
    cudnnActivationDescriptor_t *desc = &node->activation.desc;
    CHECK_CUDNN(cudnnCreateActivationDescriptor(desc));
    CHECK_CUDNN(
        cudnnSetActivationDescriptor(*desc, CUDNN_ACTIVATION_RELU, CUDNN_NOT_PROPAGATE_NAN, 0.0));
}

static void close_node(const struct device *device, struct node *node)
{
    (void)device;
    CHECK_CUDNN(cudnnDestroyActivationDescriptor(node->activation.desc));
}

static void forward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    const struct value *y = &m->values[node->output];
    CHECK_CUDNN(cudnnActivationForward(device->cudnn, node->activation.desc, &one, y->desc,
                                       y->data->data, &zero, y->desc, y->data->data));
}

/* y > 0 where x > 0, so y stands for both. */
static void backward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    const struct value *y = &m->values[node->output];
    CHECK_CUDNN(cudnnActivationBackward(device->cudnn, node->activation.desc, &one, y->desc,
                                        y->data->data, y->desc, y->grad->data, y->desc,
                                        y->data->data, &zero, y->desc, y->grad->data));
}

const struct layer layer_relu = {
    .backward_reads = BACKWARD_READS_OUTPUT,
    .in_place = true,
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .close = close_node,
};
