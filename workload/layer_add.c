/* The residual addition: input += other, by cuDNN. */
#include "fail.h"
#include "layers.h"

#include <assert.h>

static void forward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f;
    const struct value *y = &m->values[node->output];
    const struct value *other = &m->values[node->other];
    CHECK_CUDNN(cudnnAddTensor(device->cudnn, &one, other->desc, other->data->data, &one, y->desc,
                               y->data->data));
}

/* The gradient passes unchanged to both inputs: one buffer serves them. */
static void backward(const struct device *device, struct model *m, struct node *node)
{
    (void)device;
    assert(!m->values[node->other].grad);
    m->values[node->other].grad = buffer_share(m->values[node->output].grad);
}

const struct layer layer_add = {
    .in_place = true,
    .forward = forward,
    .backward = backward,
};
