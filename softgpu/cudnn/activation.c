/* Activations, elementwise; y may be x and dx may be dy. */
#include "elementwise.h"
#include "plan.h"
#include "status.h"
#include "work.h"

/* oneDNN's name; the backward kinds work from y, as x may have been overwritten. */
static bool algorithm_of(const struct cudnnActivationStruct *activation, bool backward,
                         dnnl_alg_kind_t *algorithm)
{
    switch (activation->mode) {
    case CUDNN_ACTIVATION_RELU:
        *algorithm = backward ? dnnl_eltwise_relu_use_dst_for_bwd : dnnl_eltwise_relu;
        return true;
    case CUDNN_ACTIVATION_SIGMOID:
        *algorithm = backward ? dnnl_eltwise_logistic_use_dst_for_bwd : dnnl_eltwise_logistic;
        return true;
    case CUDNN_ACTIVATION_TANH:
        *algorithm = backward ? dnnl_eltwise_tanh_use_dst_for_bwd : dnnl_eltwise_tanh;
        return true;
    default:
        return false;
    }
}

static cudnnStatus_t activation_plan(const char *function, cudnnHandle_t handle,
                                     enum plan_kind kind,
                                     const struct cudnnActivationStruct *activation,
                                     const struct cudnnTensorStruct *desc, struct plan **plan)
{
    const dnnl_memory_desc_t layout = tensor_layout(desc);
    const struct plan_operand forward[] = {{DNNL_ARG_SRC, false, &layout},
                                           {DNNL_ARG_DST, true, &layout}};
    const struct plan_operand backward[] = {{DNNL_ARG_DST, false, &layout},
                                            {DNNL_ARG_DIFF_DST, false, &layout},
                                            {DNNL_ARG_DIFF_SRC, true, &layout}};
    struct plan_key key = {.kind = (int32_t)kind};
    dnnl_eltwise_desc_t descriptor;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_alg_kind_t algorithm;

    if (desc->type != CUDNN_DATA_FLOAT)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, function, "only CUDNN_DATA_FLOAT");
    if (!algorithm_of(activation, kind == PLAN_ACTIVATION_BACKWARD, &algorithm))
        return refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "activation mode %d",
                      (int)activation->mode);
    key_add(&key, 1, (const int[]){(int)algorithm});
    key_add_tensor(&key, desc);
    *plan = plan_find(handle, &key);
    if (*plan != NULL)
        return CUDNN_STATUS_SUCCESS;
    dnnl_eltwise_forward_desc_init(&descriptor, dnnl_forward_training, algorithm, &layout, 0.0f,
                                   0.0f);
    if (kind == PLAN_ACTIVATION_FORWARD) {
        *plan = plan_make(function, handle, &key, &descriptor, NULL, 2, forward);
    } else {
        dnnl_primitive_desc_create(&hint, &descriptor, NULL, handle->engine, NULL);
        dnnl_eltwise_backward_desc_init(&descriptor, algorithm, &layout, &layout, 0.0f, 0.0f);
        *plan = plan_make(function, handle, &key, &descriptor, hint, 3, backward);
        dnnl_primitive_desc_destroy(hint);
    }
    return *plan != NULL ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED;
}

cudnnStatus_t cudnnActivationForward(cudnnHandle_t handle,
                                     cudnnActivationDescriptor_t activationDesc, const void *alpha,
                                     const cudnnTensorDescriptor_t xDesc, const void *x,
                                     const void *beta, const cudnnTensorDescriptor_t yDesc, void *y)
{
    SOFTGPU_WORK();
    struct plan *plan = NULL;
    struct blend blend;
    cudnnStatus_t status;

    if (handle == NULL || activationDesc == NULL || alpha == NULL || beta == NULL ||
        xDesc == NULL || yDesc == NULL || x == NULL || y == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (!tensor_same_layout(xDesc, yDesc))
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "only x and y of one layout");
    status =
        activation_plan(__func__, handle, PLAN_ACTIVATION_FORWARD, activationDesc, xDesc, &plan);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    blend = blend_begin(handle, alpha, beta, yDesc, y);
    if (blend.result == NULL)
        return REFUSE(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, "no memory");
    status = plan_run(__func__, handle, plan, (void *const[]){(void *)x, blend.result}, NULL);
    if (status == CUDNN_STATUS_SUCCESS)
        blend_end(&blend);
    return status;
}

cudnnStatus_t cudnnActivationBackward(cudnnHandle_t handle,
                                      cudnnActivationDescriptor_t activationDesc, const void *alpha,
                                      const cudnnTensorDescriptor_t yDesc, const void *y,
                                      const cudnnTensorDescriptor_t dyDesc, const void *dy,
                                      const cudnnTensorDescriptor_t xDesc, const void *x,
                                      const void *beta, const cudnnTensorDescriptor_t dxDesc,
                                      void *dx)
{
    SOFTGPU_WORK();
    struct plan *plan = NULL;
    struct blend blend;
    cudnnStatus_t status;

    if (handle == NULL || activationDesc == NULL || alpha == NULL || beta == NULL ||
        xDesc == NULL || yDesc == NULL || dyDesc == NULL || dxDesc == NULL || x == NULL ||
        y == NULL || dy == NULL || dx == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (!tensor_same_layout(yDesc, dyDesc) || !tensor_same_layout(yDesc, dxDesc))
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "only y, dy and dx of one layout");
    status =
        activation_plan(__func__, handle, PLAN_ACTIVATION_BACKWARD, activationDesc, yDesc, &plan);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    blend = blend_begin(handle, alpha, beta, dxDesc, dx);
    if (blend.result == NULL)
        return REFUSE(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, "no memory");
    status = plan_run(__func__, handle, plan, (void *const[]){(void *)y, (void *)dy, blend.result},
                      NULL);
    if (status == CUDNN_STATUS_SUCCESS)
        blend_end(&blend);
    return status;
}
