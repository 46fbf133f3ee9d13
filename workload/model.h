/*
 * The model as data: values (activations), parameters and nodes (layers), in order of execution.
 *
 * A value is what a node makes; an in-place node (ReLU, addition) gives back its input's value.
 * From the nodes' order and from what each kind of layer reads in its backward pass model_finish()
 * finds the last use of each value, and the run frees it there: an activation lives from the node
 * that makes it to its last use, forward or backward, as in a framework with automatic
 * differentiation.
 */
#ifndef WORKLOAD_MODEL_H
#define WORKLOAD_MODEL_H

#include "conv_plan.h"
#include "device.h"

#include <stdbool.h>
#include <stdint.h>

struct value {
    int n, c, h, w;
    cudnnTensorDescriptor_t desc;
    struct buffer *data; /* NULL while it does not live */
    struct buffer *grad; /* likewise */
    int last_use;        /* a time: see model_forward_time() */
};

struct parameter {
    char name[48]; /* PyTorch's, as in layer1.0.conv1.weight */
    size_t count;
    struct buffer *data;
    struct buffer *grad;     /* from the backward pass to the next step's zero_grad */
    struct buffer *state[2]; /* momentum; exp_avg and exp_avg_sq; from the first update on */
};

/* Values that a layer's backward pass reads, beside its output's gradient. */
enum {
    BACKWARD_READS_INPUT = 1,
    BACKWARD_READS_OUTPUT = 2
};

struct model;
struct node;

/* One kind of layer: a file layer_*.c (loss.c) each. */
struct layer {
    unsigned backward_reads;
    bool in_place; /* output is the input's value */
    void (*setup)(const struct device *, struct model *,
                  struct node *); /* parameters, algorithms */
    void (*forward)(const struct device *, struct model *, struct node *);
    void (*backward)(const struct device *, struct model *, struct node *);
    void (*close)(const struct device *, struct node *);
};

struct conv_node {
    int kernel, stride, pad;
    int weight; /* parameter */
    struct conv_plan *plans[CONV_PASSES];
    bool shares[CONV_PASSES]; /* the plan is an earlier node's */
};

struct bn_node {
    float initial_weight;
    int weight, bias;             /* parameters */
    cudnnTensorDescriptor_t desc; /* 1xCx1x1 */
    struct buffer *running_mean, *running_var;
    struct buffer *saved_mean, *saved_invstd; /* from forward to backward */
};

struct pool_node {
    cudnnPoolingMode_t mode;
    int kernel, stride, pad; /* kernel 0: the whole image */
    cudnnPoolingDescriptor_t desc;
};

struct fc_node {
    int weight, bias;
    cudnnTensorDescriptor_t bias_desc; /* 1xKx1x1 */
};

struct loss_node {
    struct buffer *log_prob;
};

struct activation_node {
    cudnnActivationDescriptor_t desc;
};

struct node {
    char name[32];
    const struct layer *layer;
    int input;
    int other; /* second input of an addition; -1 elsewhere */
    int output;
    union {
        struct conv_node conv;
        struct bn_node bn;
        struct pool_node pool;
        struct fc_node fc;
        struct loss_node loss;
        struct activation_node activation;
    };
};

enum {
    MODEL_NODES_MAX = 520,
    MODEL_VALUES_MAX = 400,
    MODEL_PARAMETERS_MAX = 480
};

struct model {
    struct node nodes[MODEL_NODES_MAX];
    struct value values[MODEL_VALUES_MAX]; /* 0 is the images */
    struct parameter parameters[MODEL_PARAMETERS_MAX];
    int n_nodes, n_values, n_parameters;
    uint64_t seed;
    struct buffer *labels; /* int32, one an image; from the step's data to the loss's backward */
    struct buffer *losses; /* fp32, one an image; from the loss's forward until it was read */
};

/* torchvision's ResNet-152 for a batch of n images of c x size x size (resnet152.c). */
struct model *model_resnet152(int batch, int image_size, int classes, uint64_t seed);

/* Makes descriptors, parameters and plans of all nodes, in ranges of the nodes' names. */
void model_setup(const struct device *device, struct model *model);
void model_close(const struct device *device, struct model *model);

/* One pass over the nodes, a range each. The images and labels are in place before. */
void model_forward(const struct device *device, struct model *model);
void model_backward(const struct device *device, struct model *model);
/* Frees all parameters' gradients. */
void model_zero_grad(const struct device *device, struct model *model);

/* For resnet152.c: appends a node and, unless it works in place, its output value of c x h x w.
   Returns the node; its output is node->output. */
struct node *model_add(struct model *model, const struct layer *layer, const char *name, int input,
                       int c, int h, int w);
/* For layers' setup: appends <node>.<suffix>. Returns its index, in PyTorch's order if nodes are.
 */
int model_add_parameter(const struct device *device, struct model *model, const struct node *node,
                        const char *suffix, size_t count);

size_t value_count(const struct value *value); /* elements */
size_t value_bytes(const struct value *value);
/* Allocates the value's data or gradient. */
void value_make(const struct device *device, struct value *value);
void value_make_grad(const struct device *device, struct value *value);
void parameter_make_grad(const struct device *device, struct parameter *parameter);
/* Copies from pageable host memory and waits, so that the memory may be used again. */
void upload(const struct device *device, struct buffer *to, const void *from, size_t bytes);

#endif
