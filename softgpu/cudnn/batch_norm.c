/*
 * Batch normalization over N, H, W (CUDNN_BATCHNORM_SPATIAL and _SPATIAL_PERSISTENT, which are the
 * same here). oneDNN does the tensors; the numbers per channel are turned into cuDNN's in plain
 * loops: it saves mean and 1/sqrt(variance + epsilon), oneDNN takes the (biased) variance; the
 * running variance takes the unbiased one.
 */
#include "batch_norm.h"

#include "elementwise.h"
#include "plan.h"
#include "status.h"
#include "work.h"

#include <math.h>
#include <string.h>

/* Numbers per channel that live in the handle's scratch memory. */
enum {
    MEAN,
    VARIANCE,
    SHIFT,
    DSCALE,
    DSHIFT,
    CHANNEL_ROWS
};

cudnnStatus_t batch_norm_check(const char *function, cudnnHandle_t handle,
                               cudnnBatchNormMode_t mode, const struct cudnnTensorStruct *x,
                               const struct cudnnTensorStruct *y,
                               const struct cudnnTensorStruct *channels)
{
    if (handle == NULL || x == NULL || y == NULL || channels == NULL)
        return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, function,
                      "the handle or a descriptor is missing");
    if (mode != CUDNN_BATCHNORM_SPATIAL && mode != CUDNN_BATCHNORM_SPATIAL_PERSISTENT)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "mode %d; only SPATIAL", (int)mode);
    if (x->type != CUDNN_DATA_FLOAT || y->type != CUDNN_DATA_FLOAT ||
        channels->type != CUDNN_DATA_FLOAT)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, function, "only CUDNN_DATA_FLOAT");
    if (x->nb_dims != 4 || !tensor_same_layout(x, y))
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, function,
                      "only tensors of 4 dimensions that all have one layout");
    if (channels->nb_dims != 4 || channels->dim[1] != x->dim[1] ||
        tensor_extent(channels) != (size_t)x->dim[1])
        return refuse(CUDNN_STATUS_BAD_PARAM, function, "scale and bias must be 1x%dx1x1 and dense",
                      x->dim[1]);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDeriveBNTensorDescriptor(cudnnTensorDescriptor_t derivedBnDesc,
                                            const cudnnTensorDescriptor_t xDesc,
                                            cudnnBatchNormMode_t mode)
{
    if (derivedBnDesc == NULL || xDesc == NULL || xDesc->nb_dims != 4)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "two descriptors expected, x of 4 dimensions");
    if (mode == CUDNN_BATCHNORM_PER_ACTIVATION)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED, "CUDNN_BATCHNORM_PER_ACTIVATION");
    return cudnnSetTensor4dDescriptor(derivedBnDesc, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, 1,
                                      xDesc->dim[1], 1, 1);
}

/* Finds or makes the plan; operands as listed in `operands` below. */
static struct plan *batch_norm_plan(const char *function, cudnnHandle_t handle, enum plan_kind kind,
                                    const struct cudnnTensorStruct *x, double epsilon)
{
    const unsigned flags =
        dnnl_use_scale | dnnl_use_shift |
        (kind == PLAN_BATCH_NORM_INFERENCE ? (unsigned)dnnl_use_global_stats : 0U);
    const bool statistics_out = kind == PLAN_BATCH_NORM_TRAINING;
    const dnnl_memory_desc_t layout = tensor_layout(x);
    const struct plan_operand forward[] = {{DNNL_ARG_SRC, false, &layout},
                                           {DNNL_ARG_SCALE, false, NULL},
                                           {DNNL_ARG_SHIFT, false, NULL},
                                           {DNNL_ARG_MEAN, statistics_out, NULL},
                                           {DNNL_ARG_VARIANCE, statistics_out, NULL},
                                           {DNNL_ARG_DST, true, &layout}};
    const struct plan_operand backward[] = {
        {DNNL_ARG_SRC, false, &layout},     {DNNL_ARG_SCALE, false, NULL},
        {DNNL_ARG_SHIFT, false, NULL},      {DNNL_ARG_MEAN, false, NULL},
        {DNNL_ARG_VARIANCE, false, NULL},   {DNNL_ARG_DIFF_DST, false, &layout},
        {DNNL_ARG_DIFF_SRC, true, &layout}, {DNNL_ARG_DIFF_SCALE, true, NULL},
        {DNNL_ARG_DIFF_SHIFT, true, NULL}};
    dnnl_batch_normalization_desc_t descriptor;
    dnnl_primitive_desc_t hint = NULL;
    struct plan_key key = {.kind = (int32_t)kind};
    struct plan *plan;

    key_add_tensor(&key, x);
    key_add_float(&key, (float)epsilon);
    plan = plan_find(handle, &key);
    if (plan != NULL)
        return plan;
    dnnl_batch_normalization_forward_desc_init(
        &descriptor,
        kind == PLAN_BATCH_NORM_INFERENCE ? dnnl_forward_inference : dnnl_forward_training, &layout,
        (float)epsilon, flags);
    if (kind != PLAN_BATCH_NORM_BACKWARD)
        return plan_make(function, handle, &key, &descriptor, NULL, 6, forward);
    dnnl_primitive_desc_create(&hint, &descriptor, NULL, handle->engine, NULL);
    dnnl_batch_normalization_backward_desc_init(&descriptor, dnnl_backward, &layout, &layout,
                                                (float)epsilon, flags);
    plan = plan_make(function, handle, &key, &descriptor, hint, 9, backward);
    dnnl_primitive_desc_destroy(hint);
    return plan;
}

/* The rows of numbers per channel; false if there is no memory. */
static bool channel_rows(cudnnHandle_t handle, int channels, float *row[CHANNEL_ROWS])
{
    float *base =
        handle_scratch(handle, SCRATCH_CHANNEL, CHANNEL_ROWS * (size_t)channels * sizeof(*base));

    for (int i = 0; i < CHANNEL_ROWS; i++)
        row[i] = base != NULL ? base + (size_t)i * (size_t)channels : NULL;
    return base != NULL;
}

/* old * (1 - factor) + now * factor; the old number is not read when the factor is 1. */
static float running(float old, double now, double factor)
{
    return (float)(factor == 1.0 ? now : old * (1.0 - factor) + now * factor);
}

cudnnStatus_t cudnnBatchNormalizationForwardTraining(
    cudnnHandle_t handle, cudnnBatchNormMode_t mode, const void *alpha, const void *beta,
    const cudnnTensorDescriptor_t xDesc, const void *x, const cudnnTensorDescriptor_t yDesc,
    void *y, const cudnnTensorDescriptor_t bnScaleBiasMeanVarDesc, const void *bnScale,
    const void *bnBias, double exponentialAverageFactor, void *resultRunningMean,
    void *resultRunningVariance, double epsilon, void *resultSaveMean, void *resultSaveInvVariance)
{
    SOFTGPU_WORK();
    float *row[CHANNEL_ROWS];
    struct plan *plan;
    struct blend blend;
    double count;
    cudnnStatus_t status =
        batch_norm_check(__func__, handle, mode, xDesc, yDesc, bnScaleBiasMeanVarDesc);

    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    if (alpha == NULL || beta == NULL || x == NULL || y == NULL || bnScale == NULL ||
        bnBias == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    plan = batch_norm_plan(__func__, handle, PLAN_BATCH_NORM_TRAINING, xDesc, epsilon);
    if (plan == NULL)
        return CUDNN_STATUS_NOT_SUPPORTED;
    blend = blend_begin(handle, alpha, beta, yDesc, y);
    if (blend.result == NULL || !channel_rows(handle, xDesc->dim[1], row))
        return REFUSE(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, "no memory");
    status = plan_run(__func__, handle, plan,
                      (void *const[]){(void *)x, (void *)bnScale, (void *)bnBias, row[MEAN],
                                      row[VARIANCE], blend.result},
                      NULL);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    blend_end(&blend);
    count = (double)xDesc->dim[0] * xDesc->dim[2] * xDesc->dim[3];
    for (int i = 0; i < xDesc->dim[1]; i++) {
        const double mean = row[MEAN][i];
        const double variance = row[VARIANCE][i];
        const double unbiased = count > 1.0 ? variance * count / (count - 1.0) : variance;

        if (resultRunningMean != NULL)
            ((float *)resultRunningMean)[i] =
                running(((float *)resultRunningMean)[i], mean, exponentialAverageFactor);
        if (resultRunningVariance != NULL)
            ((float *)resultRunningVariance)[i] =
                running(((float *)resultRunningVariance)[i], unbiased, exponentialAverageFactor);
        if (resultSaveMean != NULL)
            ((float *)resultSaveMean)[i] = (float)mean;
        if (resultSaveInvVariance != NULL)
            ((float *)resultSaveInvVariance)[i] = (float)(1.0 / sqrt(variance + epsilon));
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBatchNormalizationForwardInference(
    cudnnHandle_t handle, cudnnBatchNormMode_t mode, const void *alpha, const void *beta,
    const cudnnTensorDescriptor_t xDesc, const void *x, const cudnnTensorDescriptor_t yDesc,
    void *y, const cudnnTensorDescriptor_t bnScaleBiasMeanVarDesc, const void *bnScale,
    const void *bnBias, const void *estimatedMean, const void *estimatedVariance, double epsilon)
{
    SOFTGPU_WORK();
    struct plan *plan;
    struct blend blend;
    cudnnStatus_t status =
        batch_norm_check(__func__, handle, mode, xDesc, yDesc, bnScaleBiasMeanVarDesc);

    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    if (alpha == NULL || beta == NULL || x == NULL || y == NULL || bnScale == NULL ||
        bnBias == NULL || estimatedMean == NULL || estimatedVariance == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    plan = batch_norm_plan(__func__, handle, PLAN_BATCH_NORM_INFERENCE, xDesc, epsilon);
    if (plan == NULL)
        return CUDNN_STATUS_NOT_SUPPORTED;
    blend = blend_begin(handle, alpha, beta, yDesc, y);
    if (blend.result == NULL)
        return REFUSE(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, "no memory");
    status =
        plan_run(__func__, handle, plan,
                 (void *const[]){(void *)x, (void *)bnScale, (void *)bnBias, (void *)estimatedMean,
                                 (void *)estimatedVariance, blend.result},
                 NULL);
    if (status == CUDNN_STATUS_SUCCESS)
        blend_end(&blend);
    return status;
}

cudnnStatus_t cudnnBatchNormalizationBackward(
    cudnnHandle_t handle, cudnnBatchNormMode_t mode, const void *alphaDataDiff,
    const void *betaDataDiff, const void *alphaParamDiff, const void *betaParamDiff,
    const cudnnTensorDescriptor_t xDesc, const void *x, const cudnnTensorDescriptor_t dyDesc,
    const void *dy, const cudnnTensorDescriptor_t dxDesc, void *dx,
    const cudnnTensorDescriptor_t dBnScaleBiasDesc, const void *bnScale, void *dBnScaleResult,
    void *dBnBiasResult, double epsilon, const void *savedMean, const void *savedInvVariance)
{
    SOFTGPU_WORK();
    float *row[CHANNEL_ROWS];
    struct plan *plan;
    struct blend blend;
    cudnnStatus_t status =
        batch_norm_check(__func__, handle, mode, xDesc, dyDesc, dBnScaleBiasDesc);

    if (status == CUDNN_STATUS_SUCCESS)
        status = batch_norm_check(__func__, handle, mode, xDesc, dxDesc, dBnScaleBiasDesc);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    if (alphaDataDiff == NULL || betaDataDiff == NULL || alphaParamDiff == NULL ||
        betaParamDiff == NULL || x == NULL || dy == NULL || dx == NULL || bnScale == NULL ||
        dBnScaleResult == NULL || dBnBiasResult == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (savedMean == NULL || savedInvVariance == NULL)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED,
                      "backward without the mean and variance that forward saved");
    plan = batch_norm_plan(__func__, handle, PLAN_BATCH_NORM_BACKWARD, xDesc, epsilon);
    if (plan == NULL)
        return CUDNN_STATUS_NOT_SUPPORTED;
    blend = blend_begin(handle, alphaDataDiff, betaDataDiff, dxDesc, dx);
    if (blend.result == NULL || !channel_rows(handle, xDesc->dim[1], row))
        return REFUSE(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, "no memory");
    for (int i = 0; i < xDesc->dim[1]; i++) {
        const double inverse = ((const float *)savedInvVariance)[i];

        row[VARIANCE][i] = (float)(1.0 / (inverse * inverse) - epsilon);
        row[SHIFT][i] = 0.0f; /* oneDNN wants one; the gradients do not depend on it */
    }
    status =
        plan_run(__func__, handle, plan,
                 (void *const[]){(void *)x, (void *)bnScale, row[SHIFT], (void *)savedMean,
                                 row[VARIANCE], (void *)dy, blend.result, row[DSCALE], row[DSHIFT]},
                 NULL);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    blend_end(&blend);
    tensor_op(CUDNN_OP_TENSOR_ADD, *(const float *)alphaParamDiff, dBnScaleBiasDesc, row[DSCALE],
              0.0f, NULL, NULL, *(const float *)betaParamDiff, dBnScaleBiasDesc, dBnScaleResult);
    tensor_op(CUDNN_OP_TENSOR_ADD, *(const float *)alphaParamDiff, dBnScaleBiasDesc, row[DSHIFT],
              0.0f, NULL, NULL, *(const float *)betaParamDiff, dBnScaleBiasDesc, dBnBiasResult);
    return CUDNN_STATUS_SUCCESS;
}
