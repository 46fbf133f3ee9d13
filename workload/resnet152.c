/*
 * torchvision.models.resnet152 as a list of nodes: bottleneck blocks "v1.5" (the stride stands in
 * the 3x3 convolution), 60,192,808 parameters for 1000 classes. Names are PyTorch's; of the three
 * ReLUs of a block, one module there, two are relu1 and relu2, and the third is one node with the
 * residual addition before it, add_relu.
 */
#include "fail.h"
#include "generator.h"
#include "layers.h"

#include <stdio.h>

enum {
    EXPANSION = 4,
    STAGES = 4
};
static const int blocks[STAGES] = {3, 8, 36, 3};
static const int widths[STAGES] = {64, 128, 256, 512};

static int conv(struct model *m, const char *name, int input, int c, int kernel, int stride)
{
    const struct value x = m->values[input];
    const int pad = kernel / 2;
    struct node *node =
        model_add(m, &layer_conv, name, input, c, (x.h + 2 * pad - kernel) / stride + 1,
                  (x.w + 2 * pad - kernel) / stride + 1);
    node->conv.kernel = kernel;
    node->conv.stride = stride;
    node->conv.pad = pad;
    return node->output;
}

static int bn(struct model *m, const char *name, int input, float initial_weight)
{
    const struct value x = m->values[input];
    struct node *node = model_add(m, &layer_bn, name, input, x.c, x.h, x.w);
    node->bn.initial_weight = initial_weight;
    return node->output;
}

static int pool(struct model *m, const char *name, int input, cudnnPoolingMode_t mode, int kernel,
                int stride, int pad)
{
    const struct value x = m->values[input];
    const int h = kernel ? (x.h + 2 * pad - kernel) / stride + 1 : 1;
    const int w = kernel ? (x.w + 2 * pad - kernel) / stride + 1 : 1;
    struct node *node = model_add(m, &layer_pool, name, input, x.c, h, w);
    node->pool.mode = mode;
    node->pool.kernel = kernel;
    node->pool.stride = stride;
    node->pool.pad = pad;
    return node->output;
}

static int bottleneck(struct model *m, int stage, int block, int x)
{
    const int width = widths[stage];
    const int stride = stage > 0 && block == 0 ? 2 : 1;
    char name[32];
#define NAME(suffix)                                                                               \
    (snprintf(name, sizeof name, "layer%d.%d." suffix, stage + 1, block), (const char *)name)

    int y = conv(m, NAME("conv1"), x, width, 1, 1);
    y = bn(m, NAME("bn1"), y, 1.0f);
    model_add(m, &layer_relu, NAME("relu1"), y, 0, 0, 0);
    y = conv(m, NAME("conv2"), y, width, 3, stride);
    y = bn(m, NAME("bn2"), y, 1.0f);
    model_add(m, &layer_relu, NAME("relu2"), y, 0, 0, 0);
    y = conv(m, NAME("conv3"), y, width * EXPANSION, 1, 1);
    y = bn(m, NAME("bn3"), y, GENERATOR_RESIDUAL_WEIGHT);

    int identity = x;
    if (block == 0) {
        identity = conv(m, NAME("downsample.0"), x, width * EXPANSION, 1, stride);
        identity = bn(m, NAME("downsample.1"), identity, 1.0f);
    }
    model_add(m, &layer_add_relu, NAME("add_relu"), y, 0, 0, 0)->other = identity;
#undef NAME
    return y;
}

struct model *model_resnet152(int batch, int image_size, int classes, uint64_t seed)
{
    struct model *m = must_alloc(1, sizeof *m);
    m->seed = seed;
    m->values[m->n_values++] = (struct value){.n = batch, .c = 3, .h = image_size, .w = image_size};

    int y = conv(m, "conv1", 0, 64, 7, 2);
    y = bn(m, "bn1", y, 1.0f);
    model_add(m, &layer_relu, "relu", y, 0, 0, 0);
    y = pool(m, "maxpool", y, CUDNN_POOLING_MAX_DETERMINISTIC, 3, 2, 1);
    for (int stage = 0; stage < STAGES; stage++)
        for (int block = 0; block < blocks[stage]; block++)
            y = bottleneck(m, stage, block, y);
    y = pool(m, "avgpool", y, CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING, 0, 1, 0);
    y = model_add(m, &layer_fc, "fc", y, classes, 1, 1)->output;
    model_add(m, &layer_loss, "loss", y, 0, 0, 0);
    return m;
}
