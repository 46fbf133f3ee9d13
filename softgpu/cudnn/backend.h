/*
 * cuDNN's graph API as far as one convolution needs it: a graph of one operation, one engine for
 * it, and its execution plan. A descriptor holds copies of what it was made from, as the vendor's
 * does: the parts may be destroyed before the whole.
 */
#ifndef SOFTGPU_CUDNN_BACKEND_H
#define SOFTGPU_CUDNN_BACKEND_H

#include <cudnn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKEND_POINTERS_MAX 16

struct backend_tensor {
    cudnnDataType_t type;
    int nb_dims;
    int64_t dim[CUDNN_DIM_MAX], stride[CUDNN_DIM_MAX]; /* elements */
    int64_t uid, alignment;
};

struct backend_convolution {
    cudnnDataType_t type;
    cudnnConvolutionMode_t mode;
    int64_t nb_dims; /* spatial ones */
    int64_t pad[CUDNN_DIM_MAX], post_pad[CUDNN_DIM_MAX];
    int64_t dilation[CUDNN_DIM_MAX], stride[CUDNN_DIM_MAX];
};

struct backend_operation {
    cudnnBackendDescriptorType_t kind;
    struct backend_tensor x, w, y; /* or their gradients */
    struct backend_convolution convolution;
    float alpha, beta;
};

struct backend_graph {
    cudnnHandle_t handle;
    struct backend_operation operation;
};

/* Every type of descriptor uses its part. */
struct backend_body {
    struct backend_tensor tensor;
    struct backend_convolution convolution;
    struct backend_operation operation;
    struct backend_graph graph; /* of a graph and all that are made from one */
    cudnnBackendHeurMode_t mode;
    int64_t engine;
    cudnnHandle_t handle;
    int64_t workspace_bytes;
    struct {
        int64_t uid[BACKEND_POINTERS_MAX];
        void *pointer[BACKEND_POINTERS_MAX];
        void *workspace;
    } pack;
};

/* The rows of backend_attributes.def. */
enum backend_attribute_id {
#define ATTRIBUTE(of, name, ...)    BACKEND_##name,
#define OPTIONAL(of, name, ...)     BACKEND_##name,
#define ANSWER(of, name, ...)       BACKEND_##name,
#define CHILD(of, name, ...)        BACKEND_##name,
#define ANSWER_CHILD(of, name, ...) BACKEND_##name,
#include "backend_attributes.def"
#undef ATTRIBUTE
#undef OPTIONAL
#undef ANSWER
#undef CHILD
#undef ANSWER_CHILD
    BACKEND_ATTRIBUTES
};

struct backend_descriptor {
    cudnnBackendDescriptorType_t type;
    bool finalized;
    int64_t count[BACKEND_ATTRIBUTES]; /* elements that were set */
    struct backend_body body;
};

/* Whether softgpu has this type of descriptor. */
bool backend_has_type(cudnnBackendDescriptorType_t type);

/* The name of the first attribute that is needed and was not set, or NULL. */
const char *backend_missing(const struct backend_descriptor *descriptor);

/* What finalizing a descriptor of its type means beyond that. */
cudnnStatus_t backend_complete(const char *function, struct backend_descriptor *descriptor);

#endif
