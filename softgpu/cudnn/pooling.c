/*
 * Pooling. oneDNN's backward pass of a maximum wants to know where the maxima were, which cuDNN's
 * interface does not keep: the forward pass is done again, into scratch memory.
 */
#include "elementwise.h"
#include "plan.h"
#include "status.h"
#include "work.h"

static dnnl_alg_kind_t algorithm_of(cudnnPoolingMode_t mode)
{
    switch (mode) {
    case CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING:
        return dnnl_pooling_avg_include_padding;
    case CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING:
        return dnnl_pooling_avg_exclude_padding;
    default: /* of equal maxima the first one counts, in both modes */
        return dnnl_pooling_max;
    }
}

static bool is_max(const struct cudnnPoolingStruct *pooling)
{
    return algorithm_of(pooling->mode) == dnnl_pooling_max;
}

static cudnnStatus_t check(const char *function, const struct cudnnPoolingStruct *pooling,
                           const struct cudnnTensorStruct *x, const struct cudnnTensorStruct *y)
{
    int n;
    int c;
    int h;
    int w;

    if (x->type != CUDNN_DATA_FLOAT || y->type != CUDNN_DATA_FLOAT)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, function, "only CUDNN_DATA_FLOAT");
    if (y->nb_dims != 4 || cudnnGetPooling2dForwardOutputDim((cudnnPoolingDescriptor_t)pooling,
                                                             (cudnnTensorDescriptor_t)x, &n, &c, &h,
                                                             &w) != CUDNN_STATUS_SUCCESS)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_SHAPE, function,
                      "only 2-D pooling (4 dimensions)");
    if (y->dim[0] != n || y->dim[1] != c || y->dim[2] != h || y->dim[3] != w)
        return refuse(CUDNN_STATUS_BAD_PARAM, function,
                      "output is %dx%dx%dx%d, expected %dx%dx%dx%d", y->dim[0], y->dim[1],
                      y->dim[2], y->dim[3], n, c, h, w);
    return CUDNN_STATUS_SUCCESS;
}

/*
 * Operands: forward x, y, and the place of the maxima (written; a maximum only); backward dy, dx,
 * and the place of the maxima (read).
 */
static struct plan *pooling_plan(const char *function, cudnnHandle_t handle, enum plan_kind kind,
                                 const struct cudnnPoolingStruct *pooling,
                                 const struct cudnnTensorStruct *x,
                                 const struct cudnnTensorStruct *y)
{
    const dnnl_memory_desc_t x_layout = tensor_layout(x);
    const dnnl_memory_desc_t y_layout = tensor_layout(y);
    const struct plan_operand forward[] = {{DNNL_ARG_SRC, false, &x_layout},
                                           {DNNL_ARG_DST, true, &y_layout},
                                           {DNNL_ARG_WORKSPACE, true, NULL}};
    const struct plan_operand backward[] = {{DNNL_ARG_DIFF_DST, false, &y_layout},
                                            {DNNL_ARG_DIFF_SRC, true, &x_layout},
                                            {DNNL_ARG_WORKSPACE, false, NULL}};
    const int n_operands = is_max(pooling) ? 3 : 2;
    const dnnl_alg_kind_t algorithm = algorithm_of(pooling->mode);
    struct plan_key key = {.kind = (int32_t)kind};
    dnnl_pooling_desc_t descriptor;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_dims_t stride;
    dnnl_dims_t window;
    dnnl_dims_t pad;
    struct plan *plan;

    key_add(&key, 1, (const int[]){(int)algorithm});
    key_add_tensor(&key, x);
    key_add_tensor(&key, y);
    key_add(&key, 2, pooling->window);
    key_add(&key, 2, pooling->pad);
    key_add(&key, 2, pooling->stride);
    plan = plan_find(handle, &key);
    if (plan != NULL)
        return plan;
    for (int i = 0; i < 2; i++) {
        stride[i] = pooling->stride[i];
        window[i] = pooling->window[i];
        pad[i] = pooling->pad[i];
    }
    dnnl_pooling_forward_desc_init(&descriptor, dnnl_forward_training, algorithm, &x_layout,
                                   &y_layout, stride, window, pad, pad);
    if (kind == PLAN_POOLING_FORWARD)
        return plan_make(function, handle, &key, &descriptor, NULL, n_operands, forward);
    dnnl_primitive_desc_create(&hint, &descriptor, NULL, handle->engine, NULL);
    dnnl_pooling_backward_desc_init(&descriptor, algorithm, &x_layout, &y_layout, stride, window,
                                    pad, pad);
    plan = plan_make(function, handle, &key, &descriptor, hint, n_operands, backward);
    dnnl_primitive_desc_destroy(hint);
    return plan;
}

/* Pools x into y; *index is then where the maxima are (NULL for an average). */
static cudnnStatus_t pool(const char *function, cudnnHandle_t handle,
                          const struct cudnnPoolingStruct *pooling,
                          const struct cudnnTensorStruct *x_desc, const void *x,
                          const struct cudnnTensorStruct *y_desc, void *y, void **index)
{
    struct plan *plan =
        pooling_plan(function, handle, PLAN_POOLING_FORWARD, pooling, x_desc, y_desc);

    *index = NULL;
    if (plan == NULL)
        return CUDNN_STATUS_NOT_SUPPORTED;
    if (is_max(pooling)) {
        *index = handle_scratch(handle, SCRATCH_INDEX, plan_operand_bytes(plan, 2));
        if (*index == NULL)
            return refuse(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, function,
                          "no memory");
    }
    return plan_run(function, handle, plan, (void *const[]){(void *)x, y, *index}, NULL);
}

cudnnStatus_t cudnnPoolingForward(cudnnHandle_t handle, const cudnnPoolingDescriptor_t poolingDesc,
                                  const void *alpha, const cudnnTensorDescriptor_t xDesc,
                                  const void *x, const void *beta,
                                  const cudnnTensorDescriptor_t yDesc, void *y)
{
    SOFTGPU_WORK();
    struct blend blend;
    void *index;
    cudnnStatus_t status;

    if (handle == NULL || poolingDesc == NULL || alpha == NULL || beta == NULL || xDesc == NULL ||
        yDesc == NULL || x == NULL || y == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    status = check(__func__, poolingDesc, xDesc, yDesc);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    blend = blend_begin(handle, alpha, beta, yDesc, y);
    if (blend.result == NULL)
        return REFUSE(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, "no memory");
    status = pool(__func__, handle, poolingDesc, xDesc, x, yDesc, blend.result, &index);
    if (status == CUDNN_STATUS_SUCCESS)
        blend_end(&blend);
    return status;
}

cudnnStatus_t cudnnPoolingBackward(cudnnHandle_t handle, const cudnnPoolingDescriptor_t poolingDesc,
                                   const void *alpha, const cudnnTensorDescriptor_t yDesc,
                                   const void *y, const cudnnTensorDescriptor_t dyDesc,
                                   const void *dy, const cudnnTensorDescriptor_t xDesc,
                                   const void *x, const void *beta,
                                   const cudnnTensorDescriptor_t dxDesc, void *dx)
{
    SOFTGPU_WORK();
    struct blend blend;
    struct plan *plan;
    void *index = NULL;
    cudnnStatus_t status;

    if (handle == NULL || poolingDesc == NULL || alpha == NULL || beta == NULL || xDesc == NULL ||
        yDesc == NULL || dyDesc == NULL || dxDesc == NULL || x == NULL || y == NULL || dy == NULL ||
        dx == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    status = check(__func__, poolingDesc, xDesc, dyDesc);
    if (status == CUDNN_STATUS_SUCCESS)
        status = check(__func__, poolingDesc, dxDesc, dyDesc);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    if (is_max(poolingDesc)) {
        void *again = handle_scratch(handle, SCRATCH_RESULT, tensor_extent(dyDesc) * sizeof(float));

        if (again == NULL)
            return REFUSE(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, "no memory");
        status = pool(__func__, handle, poolingDesc, xDesc, x, dyDesc, again, &index);
        if (status != CUDNN_STATUS_SUCCESS)
            return status;
    }
    plan = pooling_plan(__func__, handle, PLAN_POOLING_BACKWARD, poolingDesc, dxDesc, dyDesc);
    if (plan == NULL)
        return CUDNN_STATUS_NOT_SUPPORTED;
    blend = blend_begin(handle, alpha, beta, dxDesc, dx);
    if (blend.result == NULL)
        return REFUSE(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, "no memory");
    status =
        plan_run(__func__, handle, plan, (void *const[]){(void *)dy, blend.result, index}, NULL);
    if (status == CUDNN_STATUS_SUCCESS)
        blend_end(&blend);
    return status;
}
