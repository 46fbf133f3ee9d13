/* Pooling by cuDNN: maximum over windows, or average over the whole image. */
#include "fail.h"
#include "layers.h"

static void setup(const struct device *device, struct model *m, struct node *node)
{
    (void)device;
    struct pool_node *pool = &node->pool;
    const struct value *x = &m->values[node->input];
    CHECK_CUDNN(cudnnCreatePoolingDescriptor(&pool->desc));
    CHECK_CUDNN(cudnnSetPooling2dDescriptor(
        pool->desc, pool->mode, CUDNN_NOT_PROPAGATE_NAN, pool->kernel ? pool->kernel : x->h,
        pool->kernel ? pool->kernel : x->w, pool->pad, pool->pad, pool->stride, pool->stride));
}

static void close_node(const struct device *device, struct node *node)
{
    (void)device;
    CHECK_CUDNN(cudnnDestroyPoolingDescriptor(node->pool.desc));
}

static void forward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    const struct value *x = &m->values[node->input];
    struct value *y = &m->values[node->output];
    value_make(device, y);
    CHECK_CUDNN(cudnnPoolingForward(device->cudnn, node->pool.desc, &one, x->desc, x->data->data,
                                    &zero, y->desc, y->data->data));
}

static void backward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    struct value *x = &m->values[node->input];
    const struct value *y = &m->values[node->output];
    value_make_grad(device, x);
    CHECK_CUDNN(cudnnPoolingBackward(device->cudnn, node->pool.desc, &one, y->desc, y->data->data,
                                     y->desc, y->grad->data, x->desc, x->data->data, &zero, x->desc,
                                     x->grad->data));
}

const struct layer layer_pool = {
    .backward_reads = BACKWARD_READS_INPUT | BACKWARD_READS_OUTPUT,
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .close = close_node,
};
