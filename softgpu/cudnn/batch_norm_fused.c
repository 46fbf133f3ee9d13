/*
 * The Ex forms of batch normalization: with a following relu, or with an addition and a relu,
 *   y = relu(bn(x))   or   y = relu(bn(x) + z).
 * The reserve space keeps from forward to backward, one bit an element, where y is not 0; the
 * workspace of the backward pass holds the gradient behind the relu where there is no dz to hold
 * it.
 */
#include "batch_norm.h"

#include "elementwise.h"
#include "status.h"
#include "work.h"

#include <stdint.h>
#include <string.h>

static bool fused(cudnnBatchNormOps_t ops) { return ops != CUDNN_BATCHNORM_OPS_BN; }

static size_t mask_bytes(const struct cudnnTensorStruct *desc)
{
    return (tensor_extent(desc) + 7) / 8;
}

static bool dense(const struct cudnnTensorStruct *desc)
{
    size_t count = 1;

    for (int i = 0; i < desc->nb_dims; i++)
        count *= (size_t)desc->dim[i];
    return tensor_extent(desc) == count;
}

static cudnnStatus_t check_ops(const char *function, cudnnBatchNormOps_t ops,
                               const struct cudnnActivationStruct *activation,
                               const struct cudnnTensorStruct *x)
{
    if (x == NULL)
        return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, function, "a descriptor is missing");
    if (ops > CUDNN_BATCHNORM_OPS_BN_ADD_ACTIVATION)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "bnOps %d", (int)ops);
    if (!fused(ops))
        return CUDNN_STATUS_SUCCESS;
    if (activation == NULL || activation->mode != CUDNN_ACTIVATION_RELU)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "only CUDNN_ACTIVATION_RELU");
    if (!dense(x))
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, function, "a tensor with gaps");
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize(
    cudnnHandle_t handle, cudnnBatchNormMode_t mode, cudnnBatchNormOps_t bnOps,
    const cudnnTensorDescriptor_t xDesc, const cudnnTensorDescriptor_t zDesc,
    const cudnnTensorDescriptor_t yDesc, const cudnnTensorDescriptor_t bnScaleBiasMeanVarDesc,
    const cudnnActivationDescriptor_t activationDesc, size_t *sizeInBytes)
{
    cudnnStatus_t status = check_ops(__func__, bnOps, activationDesc, xDesc);

    (void)zDesc;
    if (status == CUDNN_STATUS_SUCCESS)
        status = batch_norm_check(__func__, handle, mode, xDesc, yDesc, bnScaleBiasMeanVarDesc);
    if (status == CUDNN_STATUS_SUCCESS)
        *sizeInBytes = 0;
    return status;
}

cudnnStatus_t cudnnGetBatchNormalizationBackwardExWorkspaceSize(
    cudnnHandle_t handle, cudnnBatchNormMode_t mode, cudnnBatchNormOps_t bnOps,
    const cudnnTensorDescriptor_t xDesc, const cudnnTensorDescriptor_t yDesc,
    const cudnnTensorDescriptor_t dyDesc, const cudnnTensorDescriptor_t dzDesc,
    const cudnnTensorDescriptor_t dxDesc, const cudnnTensorDescriptor_t dBnScaleBiasDesc,
    const cudnnActivationDescriptor_t activationDesc, size_t *sizeInBytes)
{
    cudnnStatus_t status = check_ops(__func__, bnOps, activationDesc, xDesc);

    (void)yDesc;
    (void)dzDesc;
    (void)dxDesc;
    if (status == CUDNN_STATUS_SUCCESS)
        status = batch_norm_check(__func__, handle, mode, xDesc, dyDesc, dBnScaleBiasDesc);
    if (status == CUDNN_STATUS_SUCCESS)
        *sizeInBytes =
            bnOps == CUDNN_BATCHNORM_OPS_BN_ACTIVATION ? tensor_extent(dyDesc) * sizeof(float) : 0;
    return status;
}

cudnnStatus_t cudnnGetBatchNormalizationTrainingExReserveSpaceSize(
    cudnnHandle_t handle, cudnnBatchNormMode_t mode, cudnnBatchNormOps_t bnOps,
    const cudnnActivationDescriptor_t activationDesc, const cudnnTensorDescriptor_t xDesc,
    size_t *sizeInBytes)
{
    cudnnStatus_t status = check_ops(__func__, bnOps, activationDesc, xDesc);

    (void)handle;
    (void)mode;
    if (status == CUDNN_STATUS_SUCCESS)
        *sizeInBytes = fused(bnOps) ? mask_bytes(xDesc) : 0;
    return status;
}

/* y = relu(y + z) in place, z NULL for none; sets the bits of what is not cut off. */
static void add_relu_mask(size_t count, const float *z, float *y, uint8_t *mask)
{
#pragma omp parallel for schedule(static)
    for (size_t byte = 0; byte < (count + 7) / 8; byte++) {
        uint8_t bits = 0;

        for (size_t i = byte * 8; i < count && i < byte * 8 + 8; i++) {
            const float sum = z != NULL ? y[i] + z[i] : y[i];

            y[i] = sum > 0.0f ? sum : 0.0f;
            bits |= (uint8_t)((sum > 0.0f) << (i - byte * 8));
        }
        mask[byte] = bits;
    }
}

static void apply_mask(size_t count, const float *dy, const uint8_t *mask, float *out)
{
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        out[i] = mask[i / 8] >> i % 8 & 1 ? dy[i] : 0.0f;
}

cudnnStatus_t cudnnBatchNormalizationForwardTrainingEx(
    cudnnHandle_t handle, cudnnBatchNormMode_t mode, cudnnBatchNormOps_t bnOps, const void *alpha,
    const void *beta, const cudnnTensorDescriptor_t xDesc, const void *xData,
    const cudnnTensorDescriptor_t zDesc, const void *zData, const cudnnTensorDescriptor_t yDesc,
    void *yData, const cudnnTensorDescriptor_t bnScaleBiasMeanVarDesc, const void *bnScale,
    const void *bnBias, double exponentialAverageFactor, void *resultRunningMean,
    void *resultRunningVariance, double epsilon, void *resultSaveMean, void *resultSaveInvVariance,
    cudnnActivationDescriptor_t activationDesc, void *workspace, size_t workSpaceSizeInBytes,
    void *reserveSpace, size_t reserveSpaceSizeInBytes)
{
    SOFTGPU_WORK();
    const bool add = bnOps == CUDNN_BATCHNORM_OPS_BN_ADD_ACTIVATION;
    cudnnStatus_t status = check_ops(__func__, bnOps, activationDesc, xDesc);

    (void)workspace;
    (void)workSpaceSizeInBytes;
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    if (fused(bnOps)) {
        if (alpha == NULL || beta == NULL || *(const float *)alpha != 1.0f ||
            *(const float *)beta != 0.0f)
            return REFUSE(CUDNN_STATUS_NOT_SUPPORTED, "only alpha 1 and beta 0 with an activation");
        if (reserveSpace == NULL || reserveSpaceSizeInBytes < mask_bytes(xDesc))
            return REFUSE(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT,
                          "reserve space of %zu bytes, %zu needed", reserveSpaceSizeInBytes,
                          mask_bytes(xDesc));
        if (add && (zDesc == NULL || zData == NULL || !tensor_same_layout(zDesc, xDesc)))
            return REFUSE(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "only z in x's layout");
    }
    status = cudnnBatchNormalizationForwardTraining(
        handle, mode, alpha, beta, xDesc, xData, yDesc, yData, bnScaleBiasMeanVarDesc, bnScale,
        bnBias, exponentialAverageFactor, resultRunningMean, resultRunningVariance, epsilon,
        resultSaveMean, resultSaveInvVariance);
    if (status == CUDNN_STATUS_SUCCESS && fused(bnOps))
        add_relu_mask(tensor_extent(yDesc), add ? zData : NULL, yData, reserveSpace);
    return status;
}

cudnnStatus_t cudnnBatchNormalizationBackwardEx(
    cudnnHandle_t handle, cudnnBatchNormMode_t mode, cudnnBatchNormOps_t bnOps,
    const void *alphaDataDiff, const void *betaDataDiff, const void *alphaParamDiff,
    const void *betaParamDiff, const cudnnTensorDescriptor_t xDesc, const void *xData,
    const cudnnTensorDescriptor_t yDesc, const void *yData, const cudnnTensorDescriptor_t dyDesc,
    const void *dyData, const cudnnTensorDescriptor_t dzDesc, void *dzData,
    const cudnnTensorDescriptor_t dxDesc, void *dxData,
    const cudnnTensorDescriptor_t dBnScaleBiasDesc, const void *bnScaleData, const void *bnBiasData,
    void *dBnScaleData, void *dBnBiasData, double epsilon, const void *savedMean,
    const void *savedInvVariance, cudnnActivationDescriptor_t activationDesc, void *workSpace,
    size_t workSpaceSizeInBytes, void *reserveSpace, size_t reserveSpaceSizeInBytes)
{
    SOFTGPU_WORK();
    cudnnStatus_t status = check_ops(__func__, bnOps, activationDesc, xDesc);

    (void)yDesc;
    (void)yData;
    (void)bnBiasData;
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    if (fused(bnOps)) {
        const bool add = bnOps == CUDNN_BATCHNORM_OPS_BN_ADD_ACTIVATION;
        const size_t bytes = dyDesc != NULL ? tensor_extent(dyDesc) * sizeof(float) : 0;
        float *behind = add ? dzData : workSpace;

        if (dyDesc == NULL || dyData == NULL || !tensor_same_layout(dyDesc, xDesc) ||
            (add && (dzDesc == NULL || !tensor_same_layout(dzDesc, xDesc))))
            return REFUSE(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "only dy and dz in x's layout");
        if (behind == NULL || (!add && workSpaceSizeInBytes < bytes) || reserveSpace == NULL ||
            reserveSpaceSizeInBytes < mask_bytes(xDesc))
            return REFUSE(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT,
                          "dz, workspace or reserve space missing or too small");
        apply_mask(tensor_extent(dyDesc), dyData, reserveSpace, behind);
        dyData = behind;
    }
    return cudnnBatchNormalizationBackward(
        handle, mode, alphaDataDiff, betaDataDiff, alphaParamDiff, betaParamDiff, xDesc, xData,
        dyDesc, dyData, dxDesc, dxData, dBnScaleBiasDesc, bnScaleData, dBnScaleData, dBnBiasData,
        epsilon, savedMean, savedInvVariance);
}
