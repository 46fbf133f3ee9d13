/* Descriptors of filters, activations, tensor operations and reductions. */
#include "descriptors.h"

#include "status.h"

#include <stdlib.h>

#define CREATE(place)                                                                              \
    do {                                                                                           \
        if ((place) == NULL)                                                                       \
            return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the descriptor");     \
        *(place) = calloc(1, sizeof(**(place)));                                                   \
        return *(place) != NULL ? CUDNN_STATUS_SUCCESS                                             \
                                : CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;              \
    } while (0)

cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t *filterDesc)
{
    CREATE(filterDesc);
}

cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t filterDesc)
{
    free(filterDesc);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetFilterNdDescriptor(cudnnFilterDescriptor_t filterDesc,
                                         cudnnDataType_t dataType, cudnnTensorFormat_t format,
                                         int nbDims, const int filterDimA[])
{
    cudnnStatus_t status;

    if (filterDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    status =
        cudnnSetTensorNdDescriptorEx(&filterDesc->tensor, format, dataType, nbDims, filterDimA);
    if (status == CUDNN_STATUS_SUCCESS)
        filterDesc->format = format;
    return status;
}

cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t filterDesc,
                                         cudnnDataType_t dataType, cudnnTensorFormat_t format,
                                         int k, int c, int h, int w)
{
    return cudnnSetFilterNdDescriptor(filterDesc, dataType, format, 4, (const int[]){k, c, h, w});
}

cudnnStatus_t cudnnGetFilter4dDescriptor(const cudnnFilterDescriptor_t filterDesc,
                                         cudnnDataType_t *dataType, cudnnTensorFormat_t *format,
                                         int *k, int *c, int *h, int *w)
{
    if (filterDesc == NULL || filterDesc->tensor.nb_dims != 4)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "the descriptor has not 4 dimensions");
    *dataType = filterDesc->tensor.type;
    *format = filterDesc->format;
    *k = filterDesc->tensor.dim[0];
    *c = filterDesc->tensor.dim[1];
    *h = filterDesc->tensor.dim[2];
    *w = filterDesc->tensor.dim[3];
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetFilterSizeInBytes(const cudnnFilterDescriptor_t filterDesc, size_t *size)
{
    if (filterDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    return cudnnGetTensorSizeInBytes(&filterDesc->tensor, size);
}

cudnnStatus_t cudnnCreateActivationDescriptor(cudnnActivationDescriptor_t *activationDesc)
{
    CREATE(activationDesc);
}

cudnnStatus_t cudnnDestroyActivationDescriptor(cudnnActivationDescriptor_t activationDesc)
{
    free(activationDesc);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetActivationDescriptor(cudnnActivationDescriptor_t activationDesc,
                                           cudnnActivationMode_t mode,
                                           cudnnNanPropagation_t reluNanOpt, double coef)
{
    if (activationDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    activationDesc->mode = mode;
    activationDesc->nan = reluNanOpt;
    activationDesc->coefficient = coef;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetActivationDescriptor(const cudnnActivationDescriptor_t activationDesc,
                                           cudnnActivationMode_t *mode,
                                           cudnnNanPropagation_t *reluNanOpt, double *coef)
{
    if (activationDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    *mode = activationDesc->mode;
    *reluNanOpt = activationDesc->nan;
    *coef = activationDesc->coefficient;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateOpTensorDescriptor(cudnnOpTensorDescriptor_t *opTensorDesc)
{
    CREATE(opTensorDesc);
}

cudnnStatus_t cudnnDestroyOpTensorDescriptor(cudnnOpTensorDescriptor_t opTensorDesc)
{
    free(opTensorDesc);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetOpTensorDescriptor(cudnnOpTensorDescriptor_t opTensorDesc,
                                         cudnnOpTensorOp_t opTensorOp,
                                         cudnnDataType_t opTensorCompType,
                                         cudnnNanPropagation_t opTensorNanOpt)
{
    if (opTensorDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    opTensorDesc->op = opTensorOp;
    opTensorDesc->compute_type = opTensorCompType;
    opTensorDesc->nan = opTensorNanOpt;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateReduceTensorDescriptor(cudnnReduceTensorDescriptor_t *reduceTensorDesc)
{
    CREATE(reduceTensorDesc);
}

cudnnStatus_t cudnnDestroyReduceTensorDescriptor(cudnnReduceTensorDescriptor_t reduceTensorDesc)
{
    free(reduceTensorDesc);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetReduceTensorDescriptor(cudnnReduceTensorDescriptor_t reduceTensorDesc,
                                             cudnnReduceTensorOp_t reduceTensorOp,
                                             cudnnDataType_t reduceTensorCompType,
                                             cudnnNanPropagation_t reduceTensorNanOpt,
                                             cudnnReduceTensorIndices_t reduceTensorIndices,
                                             cudnnIndicesType_t reduceTensorIndicesType)
{
    if (reduceTensorDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    reduceTensorDesc->op = reduceTensorOp;
    reduceTensorDesc->compute_type = reduceTensorCompType;
    reduceTensorDesc->nan = reduceTensorNanOpt;
    reduceTensorDesc->indices = reduceTensorIndices;
    reduceTensorDesc->indices_type = reduceTensorIndicesType;
    return CUDNN_STATUS_SUCCESS;
}
