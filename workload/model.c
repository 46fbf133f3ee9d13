/* See model.h: building a model, and walking over its nodes. */
#include "model.h"
#include "fail.h"
#include "ranges.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* A time counts the node executions of a step: node i's forward at i, its backward at 2n-1-i. */
static int backward_time(const struct model *m, int node) { return 2 * m->n_nodes - 1 - node; }

struct node *model_add(struct model *model, const struct layer *layer, const char *name, int input,
                       int c, int h, int w)
{
    assert(model->n_nodes < MODEL_NODES_MAX);
    struct node *node = &model->nodes[model->n_nodes++];
    snprintf(node->name, sizeof node->name, "%s", name);
    node->layer = layer;
    node->input = input;
    node->other = -1;
    node->output = input;
    if (!layer->in_place) {
        assert(model->n_values < MODEL_VALUES_MAX);
        node->output = model->n_values++;
        model->values[node->output] =
            (struct value){.n = model->values[0].n, .c = c, .h = h, .w = w};
    }
    return node;
}

static void use(struct model *model, int value, int time)
{
    if (value >= 0 && model->values[value].last_use < time)
        model->values[value].last_use = time;
}

static void find_last_uses(struct model *model)
{
    for (int i = 0; i < model->n_nodes; i++) {
        const struct node *node = &model->nodes[i];
        use(model, node->input, i);
        use(model, node->other, i);
        use(model, node->output, i);
        if (node->layer->backward_reads & BACKWARD_READS_INPUT)
            use(model, node->input, backward_time(model, i));
        if (node->layer->backward_reads & BACKWARD_READS_OUTPUT)
            use(model, node->output, backward_time(model, i));
    }
}

void model_setup(const struct device *device, struct model *model)
{
    find_last_uses(model);
    for (int i = 0; i < model->n_values; i++) {
        struct value *v = &model->values[i];
        CHECK_CUDNN(cudnnCreateTensorDescriptor(&v->desc));
        CHECK_CUDNN(cudnnSetTensor4dDescriptor(v->desc, device_format(device), CUDNN_DATA_FLOAT,
                                               v->n, v->c, v->h, v->w));
    }
    for (int i = 0; i < model->n_nodes; i++) {
        struct node *node = &model->nodes[i];
        range_push(node->name);
        if (node->layer->setup)
            node->layer->setup(device, model, node);
        range_pop();
    }
}

void model_close(const struct device *device, struct model *model)
{
    for (int i = 0; i < model->n_nodes; i++)
        if (model->nodes[i].layer->close)
            model->nodes[i].layer->close(device, &model->nodes[i]);
    for (int i = 0; i < model->n_values; i++) {
        buffer_release(device, &model->values[i].data);
        buffer_release(device, &model->values[i].grad);
        CHECK_CUDNN(cudnnDestroyTensorDescriptor(model->values[i].desc));
    }
    for (int i = 0; i < model->n_parameters; i++) {
        struct parameter *p = &model->parameters[i];
        buffer_release(device, &p->data);
        buffer_release(device, &p->grad);
        buffer_release(device, &p->state[0]);
        buffer_release(device, &p->state[1]);
    }
    buffer_release(device, &model->labels);
    buffer_release(device, &model->losses);
    free(model);
}

static void free_if_last_use(const struct device *device, struct model *model, int value, int time)
{
    if (value >= 0 && model->values[value].last_use == time)
        buffer_release(device, &model->values[value].data);
}

static void free_unused(const struct device *device, struct model *model, const struct node *node,
                        int time)
{
    free_if_last_use(device, model, node->input, time);
    free_if_last_use(device, model, node->other, time);
    free_if_last_use(device, model, node->output, time);
}

void model_forward(const struct device *device, struct model *model)
{
    for (int i = 0; i < model->n_nodes; i++) {
        struct node *node = &model->nodes[i];
        range_push(node->name);
        node->layer->forward(device, model, node);
        free_unused(device, model, node, i);
        range_pop();
    }
}

void model_backward(const struct device *device, struct model *model)
{
    for (int i = model->n_nodes - 1; i >= 0; i--) {
        struct node *node = &model->nodes[i];
        range_push(node->name);
        node->layer->backward(device, model, node);
        /* In place the output's gradient has become the input's. */
        if (!node->layer->in_place)
            buffer_release(device, &model->values[node->output].grad);
        free_unused(device, model, node, backward_time(model, i));
        range_pop();
    }
}

void model_zero_grad(const struct device *device, struct model *model)
{
    for (int i = 0; i < model->n_parameters; i++)
        buffer_release(device, &model->parameters[i].grad);
}

int model_add_parameter(const struct device *device, struct model *model, const struct node *node,
                        const char *suffix, size_t count)
{
    assert(model->n_parameters < MODEL_PARAMETERS_MAX);
    const int index = model->n_parameters++;
    struct parameter *p = &model->parameters[index];
    snprintf(p->name, sizeof p->name, "%s.%s", node->name, suffix);
    p->count = count;
    p->data = buffer_new(device, count * sizeof(float));
    return index;
}

size_t value_count(const struct value *value)
{
    return (size_t)value->n * (size_t)value->c * (size_t)value->h * (size_t)value->w;
}

size_t value_bytes(const struct value *value) { return value_count(value) * sizeof(float); }

void value_make(const struct device *device, struct value *value)
{
    assert(!value->data);
    value->data = buffer_new(device, value_bytes(value));
}

void value_make_grad(const struct device *device, struct value *value)
{
    assert(!value->grad);
    value->grad = buffer_new(device, value_bytes(value));
}

void parameter_make_grad(const struct device *device, struct parameter *parameter)
{
    assert(!parameter->grad);
    parameter->grad = buffer_new(device, parameter->count * sizeof(float));
}

void upload(const struct device *device, struct buffer *to, const void *from, size_t bytes)
{
    CHECK_CUDA(cudaMemcpyAsync(to->data, from, bytes, cudaMemcpyHostToDevice, device->stream));
    CHECK_CUDA(cudaStreamSynchronize(device->stream));
}
