/* Pooling descriptors. */
#include "descriptors.h"
#include "status.h"

#include <stdlib.h>

cudnnStatus_t cudnnCreatePoolingDescriptor(cudnnPoolingDescriptor_t *poolingDesc)
{
    if (poolingDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the descriptor");
    *poolingDesc = calloc(1, sizeof(**poolingDesc));
    return *poolingDesc != NULL ? CUDNN_STATUS_SUCCESS
                                : CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
}

cudnnStatus_t cudnnDestroyPoolingDescriptor(cudnnPoolingDescriptor_t poolingDesc)
{
    free(poolingDesc);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetPoolingNdDescriptor(cudnnPoolingDescriptor_t poolingDesc,
                                          const cudnnPoolingMode_t mode,
                                          const cudnnNanPropagation_t maxpoolingNanOpt, int nbDims,
                                          const int windowDimA[], const int paddingA[],
                                          const int strideA[])
{
    if (poolingDesc == NULL || windowDimA == NULL || paddingA == NULL || strideA == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "a pointer is missing");
    if (nbDims < 1 || nbDims > CUDNN_DIM_MAX - 2)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "%d spatial dimensions", nbDims);
    for (int i = 0; i < nbDims; i++)
        if (windowDimA[i] < 1 || paddingA[i] < 0 || strideA[i] < 1)
            return REFUSE(CUDNN_STATUS_BAD_PARAM, "window %d, padding %d, stride %d", windowDimA[i],
                          paddingA[i], strideA[i]);
    poolingDesc->mode = mode;
    poolingDesc->nan = maxpoolingNanOpt;
    poolingDesc->nb_dims = nbDims;
    for (int i = 0; i < nbDims; i++) {
        poolingDesc->window[i] = windowDimA[i];
        poolingDesc->pad[i] = paddingA[i];
        poolingDesc->stride[i] = strideA[i];
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetPooling2dDescriptor(cudnnPoolingDescriptor_t poolingDesc,
                                          cudnnPoolingMode_t mode,
                                          cudnnNanPropagation_t maxpoolingNanOpt, int windowHeight,
                                          int windowWidth, int verticalPadding,
                                          int horizontalPadding, int verticalStride,
                                          int horizontalStride)
{
    return cudnnSetPoolingNdDescriptor(poolingDesc, mode, maxpoolingNanOpt, 2,
                                       (const int[]){windowHeight, windowWidth},
                                       (const int[]){verticalPadding, horizontalPadding},
                                       (const int[]){verticalStride, horizontalStride});
}

cudnnStatus_t cudnnGetPooling2dForwardOutputDim(const cudnnPoolingDescriptor_t poolingDesc,
                                                const cudnnTensorDescriptor_t inputTensorDesc,
                                                int *n, int *c, int *h, int *w)
{
    if (poolingDesc == NULL || inputTensorDesc == NULL || n == NULL || c == NULL || h == NULL ||
        w == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (poolingDesc->nb_dims != 2 || inputTensorDesc->nb_dims != 4)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED, "only 2-D pooling (4 dimensions)");
    *n = inputTensorDesc->dim[0];
    *c = inputTensorDesc->dim[1];
    *h = (inputTensorDesc->dim[2] + 2 * poolingDesc->pad[0] - poolingDesc->window[0]) /
             poolingDesc->stride[0] +
         1;
    *w = (inputTensorDesc->dim[3] + 2 * poolingDesc->pad[1] - poolingDesc->window[1]) /
             poolingDesc->stride[1] +
         1;
    return CUDNN_STATUS_SUCCESS;
}
