/*
 * Pooling: maximum over windows, or average over the whole image. Forward by cuDNN, backward by own
 * kernels.
 */
#include "fail.h"
#include "kernels/kernels.h"
#include "layers.h"

#include <assert.h>

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

static uint32_t inner_of(const struct device *device, const struct value *x)
{
    return device->layout == LAYOUT_NHWC ? (uint32_t)x->c : 1;
}

static void max_backward(const struct device *device, const struct value *x, const struct value *y)
{
    const struct max_pool_backward_args args = {
        .x = x->data->data,
        .y = y->data->data,
        .dy = y->grad->data,
        .dx = x->grad->data,
        .count = (uint32_t)value_count(x),
        .inner = inner_of(device, x),
        .height = (uint32_t)x->h,
        .width = (uint32_t)x->w,
        .out_height = (uint32_t)y->h,
        .out_width = (uint32_t)y->w,
    };
    CHECK_CUDA(launch_max_pool_backward(&args, device->stream));
}

static void average_backward(const struct device *device, const struct value *x,
                             const struct value *y)
{
    const struct average_pool_backward_args args = {
        .dy = y->grad->data,
        .dx = x->grad->data,
        .count = (uint32_t)value_count(x),
        .inner = inner_of(device, x),
        .area = (uint32_t)(x->h * x->w),
    };
    CHECK_CUDA(launch_average_pool_backward(&args, device->stream));
}

static void backward(const struct device *device, struct model *m, struct node *node)
{
    const struct pool_node *pool = &node->pool;
    struct value *x = &m->values[node->input];
    const struct value *y = &m->values[node->output];
    value_make_grad(device, x);
    if (pool->kernel == 0) {
        average_backward(device, x, y);
    } else {
        assert(pool->kernel == MAX_POOL_WINDOW && pool->stride == MAX_POOL_STRIDE &&
               pool->pad == MAX_POOL_PAD);
        max_backward(device, x, y);
    }
}

/* An average's backward reads neither; its input lives until then for the ReLU before it anyway. */
const struct layer layer_pool = {
    .backward_reads = BACKWARD_READS_INPUT | BACKWARD_READS_OUTPUT,
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .close = close_node,
};
