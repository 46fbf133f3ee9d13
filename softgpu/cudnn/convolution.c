/* Convolution: forward, backward data, backward filter, backward bias, and the fused forward. */
#include "convolution.h"

#include "elementwise.h"
#include "reduce.h"
#include "status.h"
#include "work.h"

cudnnStatus_t convolution_run(const char *function, cudnnHandle_t handle, struct plan *plan,
                              const void *first, const void *second, const void *alpha,
                              const void *beta, const struct cudnnTensorStruct *out_desc, void *out,
                              void *workspace, size_t workspace_bytes)
{
    struct blend blend;
    cudnnStatus_t status;
    size_t needed = plan_workspace_bytes(plan);

    if (first == NULL || second == NULL || out == NULL || alpha == NULL || beta == NULL)
        return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, function, "a tensor is missing");
    if (needed > 0 && (workspace == NULL || workspace_bytes < needed))
        return refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, function,
                      "workspace of %zu bytes, %zu needed", workspace != NULL ? workspace_bytes : 0,
                      needed);
    blend = blend_begin(handle, alpha, beta, out_desc, out);
    if (blend.result == NULL)
        return refuse(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, function,
                      "no memory for the result before it is blended");
    status = plan_run(function, handle, plan,
                      (void *const[]){(void *)first, (void *)second, blend.result}, workspace);
    if (status == CUDNN_STATUS_SUCCESS)
        blend_end(&blend);
    return status;
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void *alpha,
                                      const cudnnTensorDescriptor_t xDesc, const void *x,
                                      const cudnnFilterDescriptor_t wDesc, const void *w,
                                      const cudnnConvolutionDescriptor_t convDesc,
                                      cudnnConvolutionFwdAlgo_t algo, void *workSpace,
                                      size_t workSpaceSizeInBytes, const void *beta,
                                      const cudnnTensorDescriptor_t yDesc, void *y)
{
    SOFTGPU_WORK();
    struct plan *plan;
    cudnnStatus_t status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_FORWARD, xDesc,
                                            wDesc, convDesc, yDesc, &plan);

    (void)algo;
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    return convolution_run(__func__, handle, plan, x, w, alpha, beta, yDesc, y, workSpace,
                           workSpaceSizeInBytes);
}

cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t handle, const void *alpha,
                                           const cudnnFilterDescriptor_t wDesc, const void *w,
                                           const cudnnTensorDescriptor_t dyDesc, const void *dy,
                                           const cudnnConvolutionDescriptor_t convDesc,
                                           cudnnConvolutionBwdDataAlgo_t algo, void *workSpace,
                                           size_t workSpaceSizeInBytes, const void *beta,
                                           const cudnnTensorDescriptor_t dxDesc, void *dx)
{
    SOFTGPU_WORK();
    struct plan *plan;
    cudnnStatus_t status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_BACKWARD_DATA,
                                            dxDesc, wDesc, convDesc, dyDesc, &plan);

    (void)algo;
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    return convolution_run(__func__, handle, plan, w, dy, alpha, beta, dxDesc, dx, workSpace,
                           workSpaceSizeInBytes);
}

cudnnStatus_t cudnnConvolutionBackwardFilter(cudnnHandle_t handle, const void *alpha,
                                             const cudnnTensorDescriptor_t xDesc, const void *x,
                                             const cudnnTensorDescriptor_t dyDesc, const void *dy,
                                             const cudnnConvolutionDescriptor_t convDesc,
                                             cudnnConvolutionBwdFilterAlgo_t algo, void *workSpace,
                                             size_t workSpaceSizeInBytes, const void *beta,
                                             const cudnnFilterDescriptor_t dwDesc, void *dw)
{
    SOFTGPU_WORK();
    struct plan *plan;
    cudnnStatus_t status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_BACKWARD_FILTER,
                                            xDesc, dwDesc, convDesc, dyDesc, &plan);

    (void)algo;
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    return convolution_run(__func__, handle, plan, x, dy, alpha, beta, &dwDesc->tensor, dw,
                           workSpace, workSpaceSizeInBytes);
}

/* db[c] = alpha * sum of dy over all but its channel + beta * db[c]. */
cudnnStatus_t cudnnConvolutionBackwardBias(cudnnHandle_t handle, const void *alpha,
                                           const cudnnTensorDescriptor_t dyDesc, const void *dy,
                                           const void *beta, const cudnnTensorDescriptor_t dbDesc,
                                           void *db)
{
    SOFTGPU_WORK();
    if (handle == NULL || alpha == NULL || beta == NULL || dyDesc == NULL || dbDesc == NULL ||
        dy == NULL || db == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (dyDesc->nb_dims < 2 || dbDesc->nb_dims != dyDesc->nb_dims ||
        tensor_extent(dbDesc) != (size_t)dyDesc->dim[1])
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "db must hold one number a channel of dy");
    return tensor_reduce(__func__, CUDNN_REDUCE_TENSOR_ADD, *(const float *)alpha, dyDesc, dy,
                         *(const float *)beta, dbDesc, db);
}

/* y = activation(alpha1 * convolution(x, w) + alpha2 * z + bias); z may be y. */
cudnnStatus_t cudnnConvolutionBiasActivationForward(
    cudnnHandle_t handle, const void *alpha1, const cudnnTensorDescriptor_t xDesc, const void *x,
    const cudnnFilterDescriptor_t wDesc, const void *w, const cudnnConvolutionDescriptor_t convDesc,
    cudnnConvolutionFwdAlgo_t algo, void *workSpace, size_t workSpaceSizeInBytes,
    const void *alpha2, const cudnnTensorDescriptor_t zDesc, const void *z,
    const cudnnTensorDescriptor_t biasDesc, const void *bias,
    const cudnnActivationDescriptor_t activationDesc, const cudnnTensorDescriptor_t yDesc, void *y)
{
    SOFTGPU_WORK();
    const float zero = 0.0f;
    const float one = 1.0f;
    cudnnStatus_t status;

    if (alpha1 == NULL || alpha2 == NULL || biasDesc == NULL || bias == NULL ||
        activationDesc == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (activationDesc->mode != CUDNN_ACTIVATION_RELU &&
        activationDesc->mode != CUDNN_ACTIVATION_IDENTITY)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED, "activation %d", (int)activationDesc->mode);
    status = cudnnConvolutionForward(handle, alpha1, xDesc, x, wDesc, w, convDesc, algo, workSpace,
                                     workSpaceSizeInBytes, z == y ? alpha2 : &zero, yDesc, y);
    if (status == CUDNN_STATUS_SUCCESS && z != y && *(const float *)alpha2 != 0.0f)
        status = cudnnAddTensor(handle, alpha2, zDesc, z, &one, yDesc, y);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnAddTensor(handle, &one, biasDesc, bias, &one, yDesc, y);
    if (status == CUDNN_STATUS_SUCCESS && activationDesc->mode == CUDNN_ACTIVATION_RELU)
        status = cudnnActivationForward(handle, activationDesc, &one, yDesc, y, &zero, yDesc, y);
    return status;
}
