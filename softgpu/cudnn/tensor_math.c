/* AddTensor, OpTensor, TransformTensor, SetTensor, ScaleTensor. */
#include "elementwise.h"
#include "status.h"
#include "work.h"

static cudnnStatus_t check_float(const char *function, const struct cudnnTensorStruct *a,
                                 const struct cudnnTensorStruct *b)
{
    if (a->type != CUDNN_DATA_FLOAT || b->type != CUDNN_DATA_FLOAT)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, function, "only CUDNN_DATA_FLOAT");
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnAddTensor(cudnnHandle_t handle, const void *alpha,
                             const cudnnTensorDescriptor_t aDesc, const void *A, const void *beta,
                             const cudnnTensorDescriptor_t cDesc, void *C)
{
    SOFTGPU_WORK();
    cudnnStatus_t status;

    if (handle == NULL || alpha == NULL || beta == NULL || aDesc == NULL || cDesc == NULL ||
        A == NULL || C == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    status = check_float(__func__, aDesc, cDesc);
    if (status == CUDNN_STATUS_SUCCESS)
        status = tensor_op(CUDNN_OP_TENSOR_ADD, *(const float *)alpha, aDesc, A, 0.0f, NULL, NULL,
                           *(const float *)beta, cDesc, C);
    if (status == CUDNN_STATUS_BAD_PARAM)
        return REFUSE(status, "A's dimensions must be C's or 1");
    return status;
}

cudnnStatus_t cudnnOpTensor(cudnnHandle_t handle, const cudnnOpTensorDescriptor_t opTensorDesc,
                            const void *alpha1, const cudnnTensorDescriptor_t aDesc, const void *A,
                            const void *alpha2, const cudnnTensorDescriptor_t bDesc, const void *B,
                            const void *beta, const cudnnTensorDescriptor_t cDesc, void *C)
{
    SOFTGPU_WORK();
    cudnnStatus_t status;

    if (handle == NULL || opTensorDesc == NULL || alpha1 == NULL || alpha2 == NULL ||
        beta == NULL || aDesc == NULL || bDesc == NULL || cDesc == NULL || A == NULL || B == NULL ||
        C == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    status = check_float(__func__, aDesc, cDesc);
    if (status == CUDNN_STATUS_SUCCESS)
        status = check_float(__func__, bDesc, cDesc);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    if (!tensor_same_dims(aDesc, cDesc))
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "A's dimensions must be C's");
    status = tensor_op(opTensorDesc->op, *(const float *)alpha1, aDesc, A, *(const float *)alpha2,
                       bDesc, B, *(const float *)beta, cDesc, C);
    if (status == CUDNN_STATUS_BAD_PARAM)
        return REFUSE(status, "B's dimensions must be C's or 1");
    if (status == CUDNN_STATUS_NOT_SUPPORTED)
        return REFUSE(status, "operation %d", (int)opTensorDesc->op);
    return status;
}

/* Another layout of the same numbers: y = alpha * x + beta * y. */
cudnnStatus_t cudnnTransformTensor(cudnnHandle_t handle, const void *alpha,
                                   const cudnnTensorDescriptor_t xDesc, const void *x,
                                   const void *beta, const cudnnTensorDescriptor_t yDesc, void *y)
{
    SOFTGPU_WORK();
    if (xDesc == NULL || yDesc == NULL || !tensor_same_dims(xDesc, yDesc))
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "x and y must have the same dimensions");
    return cudnnAddTensor(handle, alpha, xDesc, x, beta, yDesc, y);
}

cudnnStatus_t cudnnSetTensor(cudnnHandle_t handle, const cudnnTensorDescriptor_t yDesc, void *y,
                             const void *valuePtr)
{
    struct cudnnTensorStruct one;

    if (handle == NULL || yDesc == NULL || y == NULL || valuePtr == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (yDesc->type != CUDNN_DATA_FLOAT)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, "only CUDNN_DATA_FLOAT");
    one = *yDesc;
    for (int i = 0; i < one.nb_dims; i++)
        one.dim[i] = 1;
    return tensor_op(CUDNN_OP_TENSOR_ADD, 1.0f, &one, valuePtr, 0.0f, NULL, NULL, 0.0f, yDesc, y);
}

cudnnStatus_t cudnnScaleTensor(cudnnHandle_t handle, const cudnnTensorDescriptor_t yDesc, void *y,
                               const void *alpha)
{
    SOFTGPU_WORK();
    const float zero = 0.0f;

    return cudnnAddTensor(handle, alpha, yDesc, y, &zero, yDesc, y);
}
