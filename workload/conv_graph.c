/* See conv_graph.h. */
#include "conv_graph.h"
#include "fail.h"

#include <stdio.h>

const int64_t conv_uids[CONV_TENSORS] = {'x', 'w', 'y'};

void backend_must(cudnnStatus_t status, const char *call)
{
    char reason[512] = "", text[640];
    if (status == CUDNN_STATUS_SUCCESS)
        return;
    cudnnGetLastErrorString(reason, sizeof reason);
    snprintf(text, sizeof text, "%s%s%s", cudnnGetErrorString(status), *reason ? ": " : "", reason);
    fail_call(call, text);
}

cudnnBackendDescriptor_t backend_new(cudnnBackendDescriptorType_t type)
{
    cudnnBackendDescriptor_t descriptor = NULL;
    backend_must(cudnnBackendCreateDescriptor(type, &descriptor), "cudnnBackendCreateDescriptor");
    return descriptor;
}

void backend_free(cudnnBackendDescriptor_t descriptor)
{
    backend_must(cudnnBackendDestroyDescriptor(descriptor), "cudnnBackendDestroyDescriptor");
}

void backend_finalize(cudnnBackendDescriptor_t descriptor)
{
    backend_must(cudnnBackendFinalize(descriptor), "cudnnBackendFinalize");
}

/* The four dimensions of a tensor, n x c x h x w or k x c x r x s. */
struct dims {
    int64_t of[4];
};

struct shapes {
    struct dims x, w, y;
};

static struct shapes shapes_of(const struct conv_spec *s)
{
    const int64_t h = (s->h + 2 * s->pad - s->kernel) / s->stride + 1;
    const int64_t w = (s->w + 2 * s->pad - s->kernel) / s->stride + 1;
    return (struct shapes){.x = {{s->n, s->c, s->h, s->w}},
                           .w = {{s->k, s->c, s->kernel, s->kernel}},
                           .y = {{s->n, s->k, h, w}}};
}

static size_t bytes_of(struct dims d)
{
    return (size_t)(d.of[0] * d.of[1] * d.of[2] * d.of[3]) * sizeof(float);
}

size_t conv_operand_bytes(const struct conv_spec *spec)
{
    const struct shapes s = shapes_of(spec);
    return bytes_of(s.x) + bytes_of(s.w) + bytes_of(s.y);
}

static cudnnBackendDescriptor_t tensor_new(struct dims d, bool nhwc, int64_t uid)
{
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const int64_t alignment = 16; /* bytes; cudaMalloc gives 256 */
    const int64_t c = d.of[1], h = d.of[2], w = d.of[3];
    const int64_t nchw_strides[4] = {c * h * w, h * w, w, 1};
    const int64_t nhwc_strides[4] = {h * w * c, 1, w * c, c};
    cudnnBackendDescriptor_t tensor = backend_new(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    BACKEND_SET(tensor, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    BACKEND_SET(tensor, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, d.of);
    BACKEND_SET(tensor, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4,
                nhwc ? nhwc_strides : nchw_strides);
    BACKEND_SET(tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &uid);
    BACKEND_SET(tensor, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    backend_finalize(tensor);
    return tensor;
}

static cudnnBackendDescriptor_t convolution_new(const struct conv_spec *spec)
{
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const int64_t spatial = 2;
    const int64_t pads[2] = {spec->pad, spec->pad};
    const int64_t strides[2] = {spec->stride, spec->stride};
    const int64_t dilations[2] = {1, 1};
    cudnnBackendDescriptor_t conv = backend_new(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    BACKEND_SET(conv, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    BACKEND_SET(conv, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    BACKEND_SET(conv, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &spatial);
    BACKEND_SET(conv, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, pads);
    BACKEND_SET(conv, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, pads);
    BACKEND_SET(conv, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, dilations);
    BACKEND_SET(conv, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, strides);
    backend_finalize(conv);
    return conv;
}

/* Sets the attributes of an operation, whose names begin with the pass's own. */
#define SET_OPERATION(PASS, X, W, Y)                                                               \
    do {                                                                                           \
        BACKEND_SET(operation, CUDNN_ATTR_OPERATION_CONVOLUTION_##PASS##_##X,                      \
                    CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x);                                         \
        BACKEND_SET(operation, CUDNN_ATTR_OPERATION_CONVOLUTION_##PASS##_##W,                      \
                    CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &w);                                         \
        BACKEND_SET(operation, CUDNN_ATTR_OPERATION_CONVOLUTION_##PASS##_##Y,                      \
                    CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);                                         \
        BACKEND_SET(operation, CUDNN_ATTR_OPERATION_CONVOLUTION_##PASS##_CONV_DESC,                \
                    CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &convolution);                               \
        BACKEND_SET(operation, CUDNN_ATTR_OPERATION_CONVOLUTION_##PASS##_ALPHA, CUDNN_TYPE_FLOAT,  \
                    1, &alpha);                                                                    \
        BACKEND_SET(operation, CUDNN_ATTR_OPERATION_CONVOLUTION_##PASS##_BETA, CUDNN_TYPE_FLOAT,   \
                    1, &beta);                                                                     \
    } while (0)

static cudnnBackendDescriptor_t operation_new(const struct conv_spec *spec)
{
    static const cudnnBackendDescriptorType_t types[CONV_PASSES] = {
        [CONV_FORWARD] = CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
        [CONV_BACKWARD_DATA] = CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
        [CONV_BACKWARD_FILTER] = CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
    };
    const float alpha = 1.0f, beta = spec->accumulate ? 1.0f : 0.0f;
    const struct shapes shapes = shapes_of(spec);
    cudnnBackendDescriptor_t x = tensor_new(shapes.x, spec->nhwc, conv_uids[0]);
    cudnnBackendDescriptor_t w = tensor_new(shapes.w, spec->nhwc, conv_uids[1]);
    cudnnBackendDescriptor_t y = tensor_new(shapes.y, spec->nhwc, conv_uids[2]);
    cudnnBackendDescriptor_t convolution = convolution_new(spec);
    cudnnBackendDescriptor_t operation = backend_new(types[spec->pass]);
    if (spec->pass == CONV_FORWARD)
        SET_OPERATION(FORWARD, X, W, Y);
    else if (spec->pass == CONV_BACKWARD_DATA)
        SET_OPERATION(BWD_DATA, DX, W, DY);
    else
        SET_OPERATION(BWD_FILTER, X, DW, DY);
    backend_finalize(operation);
    backend_free(convolution);
    backend_free(y);
    backend_free(w);
    backend_free(x);
    return operation;
}

cudnnBackendDescriptor_t conv_graph_new(cudnnHandle_t handle, const struct conv_spec *spec)
{
    cudnnBackendDescriptor_t operation = operation_new(spec);
    cudnnBackendDescriptor_t graph = backend_new(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    BACKEND_SET(graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
    BACKEND_SET(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &operation);
    backend_finalize(graph);
    backend_free(operation);
    return graph;
}
