/* Plans of convolutions. */
#include "convolution.h"

#include "status.h"

#include <string.h>

static cudnnStatus_t check(const char *function, cudnnHandle_t handle,
                           const struct cudnnTensorStruct *x, const struct cudnnFilterStruct *w,
                           const struct cudnnConvolutionStruct *convolution,
                           const struct cudnnTensorStruct *y)
{
    int dim[4];

    if (handle == NULL || x == NULL || w == NULL || convolution == NULL || y == NULL)
        return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, function,
                      "the handle or a descriptor is missing");
    if (x->type != CUDNN_DATA_FLOAT || w->tensor.type != CUDNN_DATA_FLOAT ||
        y->type != CUDNN_DATA_FLOAT || convolution->compute_type != CUDNN_DATA_FLOAT)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, function, "only CUDNN_DATA_FLOAT");
    if (x->nb_dims != 4 || w->tensor.nb_dims != 4 || y->nb_dims != 4 || convolution->nb_dims != 2)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_SHAPE, function,
                      "only 2-D convolutions (4 dimensions)");
    if (convolution->mode != CUDNN_CROSS_CORRELATION)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "only CUDNN_CROSS_CORRELATION");
    if (x->dim[1] != w->tensor.dim[1])
        return refuse(CUDNN_STATUS_BAD_PARAM, function, "%d channels, the filter has %d", x->dim[1],
                      w->tensor.dim[1]);
    convolution_output_dims(x, w, convolution, dim);
    if (memcmp(dim, y->dim, sizeof(dim)) != 0)
        return refuse(CUDNN_STATUS_BAD_PARAM, function,
                      "output is %dx%dx%dx%d, expected %dx%dx%dx%d", y->dim[0], y->dim[1],
                      y->dim[2], y->dim[3], dim[0], dim[1], dim[2], dim[3]);
    return CUDNN_STATUS_SUCCESS;
}

/* The three descriptors of oneDNN have one type. Every layout is left to oneDNN. */
static dnnl_status_t describe(dnnl_convolution_desc_t *descriptor, enum plan_kind kind,
                              const struct cudnnTensorStruct *x, const struct cudnnTensorStruct *w,
                              const struct cudnnConvolutionStruct *convolution,
                              const struct cudnnTensorStruct *y)
{
    dnnl_memory_desc_t any_x = tensor_any_layout(x);
    dnnl_memory_desc_t any_w = tensor_any_layout(w);
    dnnl_memory_desc_t any_y = tensor_any_layout(y);
    dnnl_dims_t stride;
    dnnl_dims_t dilation; /* oneDNN counts the elements that are skipped */
    dnnl_dims_t pad;

    for (int i = 0; i < 2; i++) {
        stride[i] = convolution->stride[i];
        dilation[i] = convolution->dilation[i] - 1;
        pad[i] = convolution->pad[i];
    }
    switch (kind) {
    case PLAN_CONVOLUTION_BACKWARD_DATA:
        return dnnl_dilated_convolution_backward_data_desc_init(descriptor, dnnl_convolution_direct,
                                                                &any_x, &any_w, &any_y, stride,
                                                                dilation, pad, pad);
    case PLAN_CONVOLUTION_BACKWARD_FILTER:
        return dnnl_dilated_convolution_backward_weights_desc_init(
            descriptor, dnnl_convolution_direct, &any_x, &any_w, NULL, &any_y, stride, dilation,
            pad, pad);
    default:
        return dnnl_dilated_convolution_forward_desc_init(descriptor, dnnl_forward_training,
                                                          dnnl_convolution_direct, &any_x, &any_w,
                                                          NULL, &any_y, stride, dilation, pad, pad);
    }
}

/*
 * The filter's layout. A dimension of 1 may be said to have any stride; said as those of nhwc, 1x1
 * filters go through faster reorders (3 GB/s instead of 1, which is a third of a step's time where
 * images are small).
 */
static dnnl_memory_desc_t filter_layout(const struct cudnnTensorStruct *w)
{
    struct cudnnTensorStruct same = *w;

    if (w->dim[2] == 1 && w->dim[3] == 1)
        same.stride[2] = same.stride[3] = w->dim[1];
    return tensor_layout(&same);
}

static struct plan *make(const char *function, cudnnHandle_t handle, const struct plan_key *key,
                         enum plan_kind kind, const struct cudnnTensorStruct *x,
                         const struct cudnnTensorStruct *w,
                         const struct cudnnConvolutionStruct *convolution,
                         const struct cudnnTensorStruct *y)
{
    dnnl_memory_desc_t given_x = tensor_layout(x);
    dnnl_memory_desc_t given_w = filter_layout(w);
    dnnl_memory_desc_t given_y = tensor_layout(y);
    const struct plan_operand forward[] = {{DNNL_ARG_SRC, false, &given_x},
                                           {DNNL_ARG_WEIGHTS, false, &given_w},
                                           {DNNL_ARG_DST, true, &given_y}};
    const struct plan_operand backward_data[] = {{DNNL_ARG_WEIGHTS, false, &given_w},
                                                 {DNNL_ARG_DIFF_DST, false, &given_y},
                                                 {DNNL_ARG_DIFF_SRC, true, &given_x}};
    const struct plan_operand backward_filter[] = {{DNNL_ARG_SRC, false, &given_x},
                                                   {DNNL_ARG_DIFF_DST, false, &given_y},
                                                   {DNNL_ARG_DIFF_WEIGHTS, true, &given_w}};
    dnnl_convolution_desc_t descriptor;
    dnnl_convolution_desc_t forward_descriptor;
    dnnl_primitive_desc_t hint = NULL;
    struct plan *plan = NULL;

    if (describe(&forward_descriptor, PLAN_CONVOLUTION_FORWARD, x, w, convolution, y) !=
            dnnl_success ||
        describe(&descriptor, kind, x, w, convolution, y) != dnnl_success) {
        refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "oneDNN takes no such convolution");
        return NULL;
    }
    if (kind != PLAN_CONVOLUTION_FORWARD)
        dnnl_primitive_desc_create(&hint, &forward_descriptor, NULL, handle->engine, NULL);
    if (kind == PLAN_CONVOLUTION_FORWARD)
        plan = plan_make(function, handle, key, &descriptor, NULL, 3, forward);
    else if (kind == PLAN_CONVOLUTION_BACKWARD_DATA)
        plan = plan_make(function, handle, key, &descriptor, hint, 3, backward_data);
    else
        plan = plan_make(function, handle, key, &descriptor, hint, 3, backward_filter);
    dnnl_primitive_desc_destroy(hint);
    return plan;
}

cudnnStatus_t convolution_plan(const char *function, cudnnHandle_t handle, enum plan_kind kind,
                               const struct cudnnTensorStruct *x, const struct cudnnFilterStruct *w,
                               const struct cudnnConvolutionStruct *convolution,
                               const struct cudnnTensorStruct *y, struct plan **plan)
{
    struct plan_key key = {.kind = (int32_t)kind};
    cudnnStatus_t status = check(function, handle, x, w, convolution, y);

    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    key_add_tensor(&key, x);
    key_add_tensor(&key, &w->tensor);
    key_add_tensor(&key, y);
    key_add(&key, 2, convolution->pad);
    key_add(&key, 2, convolution->stride);
    key_add(&key, 2, convolution->dilation);
    *plan = plan_find(handle, &key);
    if (*plan == NULL)
        *plan = make(function, handle, &key, kind, x, &w->tensor, convolution, y);
    return *plan != NULL ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED;
}
