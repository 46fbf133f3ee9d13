/* Tensor descriptors: dimensions and strides. */
#include "descriptors.h"

#include "status.h"

#include <stdlib.h>
#include <string.h>

static size_t element_bytes(cudnnDataType_t type)
{
    switch (type) {
    case CUDNN_DATA_DOUBLE:
    case CUDNN_DATA_INT64:
        return 8;
    case CUDNN_DATA_FLOAT:
    case CUDNN_DATA_INT32:
        return 4;
    case CUDNN_DATA_HALF:
    case CUDNN_DATA_BFLOAT16:
        return 2;
    case CUDNN_DATA_INT8:
    case CUDNN_DATA_UINT8:
        return 1;
    default:
        return 0;
    }
}

void tensor_set_dense(struct cudnnTensorStruct *tensor, cudnnTensorFormat_t format)
{
    int stride = 1;

    if (format == CUDNN_TENSOR_NHWC && tensor->nb_dims > 2) {
        tensor->stride[1] = 1;
        stride = tensor->dim[1];
        for (int i = tensor->nb_dims - 1; i >= 2; i--) {
            tensor->stride[i] = stride;
            stride *= tensor->dim[i];
        }
        tensor->stride[0] = stride;
        return;
    }
    for (int i = tensor->nb_dims - 1; i >= 0; i--) {
        tensor->stride[i] = stride;
        stride *= tensor->dim[i];
    }
}

size_t tensor_extent(const struct cudnnTensorStruct *tensor)
{
    size_t last = 0;

    for (int i = 0; i < tensor->nb_dims; i++)
        last += (size_t)(tensor->dim[i] - 1) * (size_t)tensor->stride[i];
    return last + 1;
}

bool tensor_same_dims(const struct cudnnTensorStruct *a, const struct cudnnTensorStruct *b)
{
    return a->nb_dims == b->nb_dims &&
           memcmp(a->dim, b->dim, (size_t)a->nb_dims * sizeof(a->dim[0])) == 0;
}

bool tensor_same_layout(const struct cudnnTensorStruct *a, const struct cudnnTensorStruct *b)
{
    return tensor_same_dims(a, b) &&
           memcmp(a->stride, b->stride, (size_t)a->nb_dims * sizeof(a->stride[0])) == 0;
}

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t *tensorDesc)
{
    if (tensorDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the descriptor");
    *tensorDesc = calloc(1, sizeof(**tensorDesc));
    return *tensorDesc != NULL ? CUDNN_STATUS_SUCCESS
                               : CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
}

cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t tensorDesc)
{
    free(tensorDesc);
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t set(const char *function, cudnnTensorDescriptor_t tensor, cudnnDataType_t type,
                         int nb_dims, const int dim[], const int stride[])
{
    struct cudnnTensorStruct made = {.type = type, .nb_dims = nb_dims};

    if (tensor == NULL || dim == NULL)
        return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, function, "no descriptor or dimensions");
    if (nb_dims < 1 || nb_dims > CUDNN_DIM_MAX)
        return refuse(CUDNN_STATUS_BAD_PARAM, function, "%d dimensions; 1 to %d expected", nb_dims,
                      CUDNN_DIM_MAX);
    if (element_bytes(type) == 0)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "data type %d", (int)type);
    for (int i = 0; i < nb_dims; i++) {
        if (dim[i] <= 0 || (stride != NULL && stride[i] <= 0))
            return refuse(CUDNN_STATUS_BAD_PARAM, function,
                          "dimension and stride %d must be positive", i);
        made.dim[i] = dim[i];
        made.stride[i] = stride != NULL ? stride[i] : 0;
    }
    *tensor = made;
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t set_dense(const char *function, cudnnTensorDescriptor_t tensor,
                               cudnnTensorFormat_t format, cudnnDataType_t type, int nb_dims,
                               const int dim[])
{
    cudnnStatus_t status;

    if (format != CUDNN_TENSOR_NCHW && format != CUDNN_TENSOR_NHWC)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "tensor format %d", (int)format);
    status = set(function, tensor, type, nb_dims, dim, NULL);
    if (status == CUDNN_STATUS_SUCCESS)
        tensor_set_dense(tensor, format);
    return status;
}

cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t tensorDesc,
                                         cudnnTensorFormat_t format, cudnnDataType_t dataType,
                                         int n, int c, int h, int w)
{
    return set_dense(__func__, tensorDesc, format, dataType, 4, (const int[]){n, c, h, w});
}

cudnnStatus_t cudnnSetTensor4dDescriptorEx(cudnnTensorDescriptor_t tensorDesc,
                                           cudnnDataType_t dataType, int n, int c, int h, int w,
                                           int nStride, int cStride, int hStride, int wStride)
{
    return set(__func__, tensorDesc, dataType, 4, (const int[]){n, c, h, w},
               (const int[]){nStride, cStride, hStride, wStride});
}

cudnnStatus_t cudnnSetTensorNdDescriptor(cudnnTensorDescriptor_t tensorDesc,
                                         cudnnDataType_t dataType, int nbDims, const int dimA[],
                                         const int strideA[])
{
    if (strideA == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no strides");
    return set(__func__, tensorDesc, dataType, nbDims, dimA, strideA);
}

cudnnStatus_t cudnnSetTensorNdDescriptorEx(cudnnTensorDescriptor_t tensorDesc,
                                           cudnnTensorFormat_t format, cudnnDataType_t dataType,
                                           int nbDims, const int dimA[])
{
    return set_dense(__func__, tensorDesc, format, dataType, nbDims, dimA);
}

cudnnStatus_t cudnnGetTensor4dDescriptor(const cudnnTensorDescriptor_t tensorDesc,
                                         cudnnDataType_t *dataType, int *n, int *c, int *h, int *w,
                                         int *nStride, int *cStride, int *hStride, int *wStride)
{
    if (tensorDesc == NULL || tensorDesc->nb_dims != 4)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "the descriptor has not 4 dimensions");
    *dataType = tensorDesc->type;
    *n = tensorDesc->dim[0];
    *c = tensorDesc->dim[1];
    *h = tensorDesc->dim[2];
    *w = tensorDesc->dim[3];
    *nStride = tensorDesc->stride[0];
    *cStride = tensorDesc->stride[1];
    *hStride = tensorDesc->stride[2];
    *wStride = tensorDesc->stride[3];
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetTensorNdDescriptor(const cudnnTensorDescriptor_t tensorDesc,
                                         int nbDimsRequested, cudnnDataType_t *dataType,
                                         int *nbDims, int dimA[], int strideA[])
{
    if (tensorDesc == NULL || tensorDesc->nb_dims == 0)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "the descriptor is not set");
    *dataType = tensorDesc->type;
    *nbDims = tensorDesc->nb_dims;
    for (int i = 0; i < nbDimsRequested && i < tensorDesc->nb_dims; i++) {
        dimA[i] = tensorDesc->dim[i];
        strideA[i] = tensorDesc->stride[i];
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetTensorSizeInBytes(const cudnnTensorDescriptor_t tensorDesc, size_t *size)
{
    if (tensorDesc == NULL || tensorDesc->nb_dims == 0 || size == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "the descriptor is not set");
    *size = tensor_extent(tensorDesc) * element_bytes(tensorDesc->type);
    return CUDNN_STATUS_SUCCESS;
}
