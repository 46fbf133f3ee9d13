/*
 * What the opaque descriptors of cuDNN hold here. Dimensions are in cuDNN's order (N, C, H, W for a
 * tensor; K, C, H, W for a filter) whatever the layout; the strides, in elements, say the layout.
 */
#ifndef SOFTGPU_CUDNN_DESCRIPTORS_H
#define SOFTGPU_CUDNN_DESCRIPTORS_H

#include <cudnn.h>
#include <stdbool.h>
#include <stddef.h>

struct cudnnTensorStruct {
    cudnnDataType_t type;
    int nb_dims; /* 0: not set yet */
    int dim[CUDNN_DIM_MAX];
    int stride[CUDNN_DIM_MAX];
};

struct cudnnFilterStruct {
    cudnnTensorFormat_t format;
    struct cudnnTensorStruct tensor; /* dense, laid out by the format */
};

struct cudnnConvolutionStruct {
    cudnnConvolutionMode_t mode;
    cudnnDataType_t compute_type;
    cudnnMathType_t math_type;
    cudnnReorderType_t reorder_type;
    int groups;
    int nb_dims; /* spatial ones; 0: not set yet */
    int pad[CUDNN_DIM_MAX];
    int stride[CUDNN_DIM_MAX];
    int dilation[CUDNN_DIM_MAX];
};

struct cudnnPoolingStruct {
    cudnnPoolingMode_t mode;
    cudnnNanPropagation_t nan;
    int nb_dims; /* spatial ones; 0: not set yet */
    int window[CUDNN_DIM_MAX];
    int pad[CUDNN_DIM_MAX];
    int stride[CUDNN_DIM_MAX];
};

struct cudnnActivationStruct {
    cudnnActivationMode_t mode;
    cudnnNanPropagation_t nan;
    double coefficient;
};

struct cudnnOpTensorStruct {
    cudnnOpTensorOp_t op;
    cudnnDataType_t compute_type;
    cudnnNanPropagation_t nan;
};

struct cudnnReduceTensorStruct {
    cudnnReduceTensorOp_t op;
    cudnnDataType_t compute_type;
    cudnnNanPropagation_t nan;
    cudnnReduceTensorIndices_t indices;
    cudnnIndicesType_t indices_type;
};

/* Sets dense strides for the tensor's dimensions: NCHW or NHWC. */
void tensor_set_dense(struct cudnnTensorStruct *tensor, cudnnTensorFormat_t format);

/* Elements from the first to the last one, gaps included. */
size_t tensor_extent(const struct cudnnTensorStruct *tensor);

bool tensor_same_dims(const struct cudnnTensorStruct *a, const struct cudnnTensorStruct *b);
bool tensor_same_layout(const struct cudnnTensorStruct *a, const struct cudnnTensorStruct *b);

#endif
