/* Convolution descriptors. */
#include "convolution.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t *convDesc)
{
    if (convDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the descriptor");
    *convDesc = calloc(1, sizeof(**convDesc));
    if (*convDesc == NULL)
        return CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
    (*convDesc)->groups = 1;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t convDesc)
{
    free(convDesc);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolutionNdDescriptor(cudnnConvolutionDescriptor_t convDesc,
                                              int arrayLength, const int padA[],
                                              const int filterStrideA[], const int dilationA[],
                                              cudnnConvolutionMode_t mode,
                                              cudnnDataType_t computeType)
{
    if (convDesc == NULL || padA == NULL || filterStrideA == NULL || dilationA == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "a pointer is missing");
    if (arrayLength < 1 || arrayLength > CUDNN_DIM_MAX - 2)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "%d spatial dimensions", arrayLength);
    for (int i = 0; i < arrayLength; i++)
        if (padA[i] < 0 || filterStrideA[i] < 1 || dilationA[i] < 1)
            return REFUSE(CUDNN_STATUS_BAD_PARAM, "padding %d, stride %d, dilation %d", padA[i],
                          filterStrideA[i], dilationA[i]);
    convDesc->mode = mode;
    convDesc->compute_type = computeType;
    convDesc->nb_dims = arrayLength;
    for (int i = 0; i < arrayLength; i++) {
        convDesc->pad[i] = padA[i];
        convDesc->stride[i] = filterStrideA[i];
        convDesc->dilation[i] = dilationA[i];
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t convDesc, int pad_h,
                                              int pad_w, int u, int v, int dilation_h,
                                              int dilation_w, cudnnConvolutionMode_t mode,
                                              cudnnDataType_t computeType)
{
    return cudnnSetConvolutionNdDescriptor(
        convDesc, 2, (const int[]){pad_h, pad_w}, (const int[]){u, v},
        (const int[]){dilation_h, dilation_w}, mode, computeType);
}

/* Kept and given back; the arithmetic here is fp32 whatever it says, which is as exact or more. */
cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t convDesc,
                                          cudnnMathType_t mathType)
{
    if (convDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    convDesc->math_type = mathType;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionMathType(cudnnConvolutionDescriptor_t convDesc,
                                          cudnnMathType_t *mathType)
{
    if (convDesc == NULL || mathType == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    *mathType = convDesc->math_type;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnConvolutionDescriptor_t convDesc, int groupCount)
{
    if (convDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    if (groupCount != 1)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED, "%d groups; only 1", groupCount);
    convDesc->groups = groupCount;
    return CUDNN_STATUS_SUCCESS;
}

void convolution_output_dims(const struct cudnnTensorStruct *x, const struct cudnnFilterStruct *w,
                             const struct cudnnConvolutionStruct *convolution, int dim[4])
{
    dim[0] = x->dim[0];
    dim[1] = w->tensor.dim[0];
    for (int i = 0; i < 2; i++) {
        int window = (w->tensor.dim[2 + i] - 1) * convolution->dilation[i] + 1;

        dim[2 + i] =
            (x->dim[2 + i] + 2 * convolution->pad[i] - window) / convolution->stride[i] + 1;
    }
}

cudnnStatus_t cudnnGetConvolutionNdForwardOutputDim(const cudnnConvolutionDescriptor_t convDesc,
                                                    const cudnnTensorDescriptor_t inputTensorDesc,
                                                    const cudnnFilterDescriptor_t filterDesc,
                                                    int nbDims, int tensorOuputDimA[])
{
    int dim[4];

    if (convDesc == NULL || inputTensorDesc == NULL || filterDesc == NULL ||
        tensorOuputDimA == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "a pointer is missing");
    if (nbDims != 4 || convDesc->nb_dims != 2 || inputTensorDesc->nb_dims != 4 ||
        filterDesc->tensor.nb_dims != 4)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED, "only 2-D convolutions (4 dimensions)");
    if (inputTensorDesc->dim[1] != filterDesc->tensor.dim[1])
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "%d channels, the filter has %d",
                      inputTensorDesc->dim[1], filterDesc->tensor.dim[1]);
    convolution_output_dims(inputTensorDesc, filterDesc, convDesc, dim);
    memcpy(tensorOuputDimA, dim, sizeof(dim));
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolution2dForwardOutputDim(const cudnnConvolutionDescriptor_t convDesc,
                                                    const cudnnTensorDescriptor_t inputTensorDesc,
                                                    const cudnnFilterDescriptor_t filterDesc,
                                                    int *n, int *c, int *h, int *w)
{
    int dim[4] = {0};
    cudnnStatus_t status =
        cudnnGetConvolutionNdForwardOutputDim(convDesc, inputTensorDesc, filterDesc, 4, dim);

    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    *n = dim[0];
    *c = dim[1];
    *h = dim[2];
    *w = dim[3];
    return CUDNN_STATUS_SUCCESS;
}
