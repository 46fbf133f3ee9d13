/* Softmax over the channels of each place, or over all of each image. */
#include "elementwise.h"
#include "plan.h"
#include "status.h"
#include "work.h"

/*
 * The tensor as oneDNN is shown it: for CUDNN_SOFTMAX_MODE_INSTANCE all that belongs to an image is
 * one dimension, which needs it to lie without gaps (in any order).
 */
static bool view_of(cudnnSoftmaxMode_t mode, const struct cudnnTensorStruct *desc,
                    struct cudnnTensorStruct *view)
{
    int count = 1;

    *view = *desc;
    if (mode == CUDNN_SOFTMAX_MODE_CHANNEL)
        return true;
    for (int i = 1; i < desc->nb_dims; i++)
        count *= desc->dim[i];
    if (tensor_extent(desc) != (size_t)count * (size_t)desc->dim[0] ||
        (desc->dim[0] > 1 && desc->stride[0] != count))
        return false;
    *view = (struct cudnnTensorStruct){
        .type = desc->type, .nb_dims = 2, .dim = {desc->dim[0], count}, .stride = {count, 1}};
    return true;
}

static cudnnStatus_t softmax_plan(const char *function, cudnnHandle_t handle, enum plan_kind kind,
                                  cudnnSoftmaxAlgorithm_t algo, cudnnSoftmaxMode_t mode,
                                  const struct cudnnTensorStruct *desc, struct plan **plan)
{
    const dnnl_alg_kind_t algorithm =
        algo == CUDNN_SOFTMAX_LOG ? dnnl_softmax_log : dnnl_softmax_accurate;
    struct cudnnTensorStruct view;
    struct plan_key key = {.kind = (int32_t)kind};
    dnnl_softmax_v2_desc_t descriptor;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_memory_desc_t layout;
    const struct plan_operand forward[] = {{DNNL_ARG_SRC, false, &layout},
                                           {DNNL_ARG_DST, true, &layout}};
    const struct plan_operand backward[] = {{DNNL_ARG_DST, false, &layout},
                                            {DNNL_ARG_DIFF_DST, false, &layout},
                                            {DNNL_ARG_DIFF_SRC, true, &layout}};

    if (desc->type != CUDNN_DATA_FLOAT)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, function, "only CUDNN_DATA_FLOAT");
    if (!view_of(mode, desc, &view))
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, function,
                      "CUDNN_SOFTMAX_MODE_INSTANCE of a tensor with gaps");
    layout = tensor_layout(&view);
    key_add(&key, 1, (const int[]){(int)algorithm});
    key_add_tensor(&key, &view);
    *plan = plan_find(handle, &key);
    if (*plan != NULL)
        return CUDNN_STATUS_SUCCESS;
    dnnl_softmax_v2_forward_desc_init(&descriptor, dnnl_forward_training, algorithm, &layout,
                                      &layout, 1);
    if (kind == PLAN_SOFTMAX_FORWARD) {
        *plan = plan_make(function, handle, &key, &descriptor, NULL, 2, forward);
    } else {
        dnnl_primitive_desc_create(&hint, &descriptor, NULL, handle->engine, NULL);
        dnnl_softmax_v2_backward_desc_init(&descriptor, algorithm, &layout, &layout, &layout, 1);
        *plan = plan_make(function, handle, &key, &descriptor, hint, 3, backward);
        dnnl_primitive_desc_destroy(hint);
    }
    return *plan != NULL ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED;
}

cudnnStatus_t cudnnSoftmaxForward(cudnnHandle_t handle, cudnnSoftmaxAlgorithm_t algo,
                                  cudnnSoftmaxMode_t mode, const void *alpha,
                                  const cudnnTensorDescriptor_t xDesc, const void *x,
                                  const void *beta, const cudnnTensorDescriptor_t yDesc, void *y)
{
    SOFTGPU_WORK();
    struct plan *plan = NULL;
    struct blend blend;
    cudnnStatus_t status;

    if (handle == NULL || alpha == NULL || beta == NULL || xDesc == NULL || yDesc == NULL ||
        x == NULL || y == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (!tensor_same_layout(xDesc, yDesc))
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "only x and y of one layout");
    status = softmax_plan(__func__, handle, PLAN_SOFTMAX_FORWARD, algo, mode, xDesc, &plan);
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

cudnnStatus_t cudnnSoftmaxBackward(cudnnHandle_t handle, cudnnSoftmaxAlgorithm_t algo,
                                   cudnnSoftmaxMode_t mode, const void *alpha,
                                   const cudnnTensorDescriptor_t yDesc, const void *y,
                                   const cudnnTensorDescriptor_t dyDesc, const void *dy,
                                   const void *beta, const cudnnTensorDescriptor_t dxDesc, void *dx)
{
    SOFTGPU_WORK();
    struct plan *plan = NULL;
    struct blend blend;
    cudnnStatus_t status;

    if (handle == NULL || alpha == NULL || beta == NULL || yDesc == NULL || dyDesc == NULL ||
        dxDesc == NULL || y == NULL || dy == NULL || dx == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (!tensor_same_layout(yDesc, dyDesc) || !tensor_same_layout(yDesc, dxDesc))
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "only y, dy and dx of one layout");
    status = softmax_plan(__func__, handle, PLAN_SOFTMAX_BACKWARD, algo, mode, yDesc, &plan);
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
