/*
 * The fully connected layer: Y = X W^T + b by cuBLAS, X of n x c, W of k x c, Y of n x k, all row
 * by row. cuBLAS reads columns, so each matrix is its own transpose there. A value of c x 1 x 1 is
 * the same in both layouts.
 */
#include "fail.h"
#include "generator.h"
#include "layers.h"

#include <math.h>
#include <stdlib.h>

/* torch.nn.Linear's initial values: uniform in +-1/sqrt(c), weight and bias. */
static void initialise(const struct device *device, struct model *m, int parameter, int c)
{
    const struct parameter *p = &m->parameters[parameter];
    float *host = must_alloc(p->count, sizeof *host);
    const struct generator g = generator_open(m->seed, (uint64_t)parameter);
    const float scale = generator_uniform_scale(1.0 / sqrt((double)c));
    for (size_t i = 0; i < p->count; i++)
        host[i] = generator_uniform(g, i, scale);
    upload(device, p->data, host, p->count * sizeof *host);
    free(host);
}

static void setup(const struct device *device, struct model *m, struct node *node)
{
    struct fc_node *fc = &node->fc;
    const int c = m->values[node->input].c;
    const int k = m->values[node->output].c;
    CHECK_CUDNN(cudnnCreateTensorDescriptor(&fc->bias_desc));
    CHECK_CUDNN(cudnnSetTensor4dDescriptor(fc->bias_desc, device_format(device), CUDNN_DATA_FLOAT,
                                           1, k, 1, 1));
    fc->weight = model_add_parameter(device, m, node, "weight", (size_t)k * (size_t)c);
    fc->bias = model_add_parameter(device, m, node, "bias", (size_t)k);
    initialise(device, m, fc->weight, c);
    initialise(device, m, fc->bias, c);
}

static void close_node(const struct device *device, struct node *node)
{
    (void)device;
    CHECK_CUDNN(cudnnDestroyTensorDescriptor(node->fc.bias_desc));
}

static void forward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    const struct value *x = &m->values[node->input];
    struct value *y = &m->values[node->output];
    value_make(device, y);
    CHECK_CUBLAS(cublasSgemm(device->cublas, CUBLAS_OP_T, CUBLAS_OP_N, y->c, x->n, x->c, &one,
                             m->parameters[node->fc.weight].data->data, x->c, x->data->data, x->c,
                             &zero, y->data->data, y->c));
    CHECK_CUDNN(cudnnAddTensor(device->cudnn, &one, node->fc.bias_desc,
                               m->parameters[node->fc.bias].data->data, &one, y->desc,
                               y->data->data));
}

static void backward(const struct device *device, struct model *m, struct node *node)
{
    const float one = 1.0f, zero = 0.0f;
    struct value *x = &m->values[node->input];
    const struct value *y = &m->values[node->output];
    struct parameter *weight = &m->parameters[node->fc.weight];
    struct parameter *bias = &m->parameters[node->fc.bias];
    parameter_make_grad(device, bias);
    CHECK_CUDNN(cudnnConvolutionBackwardBias(device->cudnn, &one, y->desc, y->grad->data, &zero,
                                             node->fc.bias_desc, bias->grad->data));
    value_make_grad(device, x);
    CHECK_CUBLAS(cublasSgemm(device->cublas, CUBLAS_OP_N, CUBLAS_OP_N, x->c, x->n, y->c, &one,
                             weight->data->data, x->c, y->grad->data, y->c, &zero, x->grad->data,
                             x->c));
    parameter_make_grad(device, weight);
    CHECK_CUBLAS(cublasSgemm(device->cublas, CUBLAS_OP_N, CUBLAS_OP_T, x->c, y->c, x->n, &one,
                             x->data->data, x->c, y->grad->data, y->c, &zero, weight->grad->data,
                             x->c));
}

const struct layer layer_fc = {
    .backward_reads = BACKWARD_READS_INPUT,
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .close = close_node,
};
