/* The graph API's convolutions: what a finalized descriptor must be, and running a plan. */
#include "backend.h"

#include "convolution.h"
#include "status.h"
#include "work.h"

#include <limits.h>

static cudnnStatus_t complete_tensor(const char *function, struct backend_descriptor *made)
{
    struct backend_tensor *tensor = &made->body.tensor;
    const int64_t nb_dims = made->count[BACKEND_TENSOR_DIMENSIONS];

    if (made->count[BACKEND_TENSOR_STRIDES] != nb_dims)
        return refuse(CUDNN_STATUS_BAD_PARAM, function, "%d dimensions and %d strides",
                      (int)nb_dims, (int)made->count[BACKEND_TENSOR_STRIDES]);
    for (int i = 0; i < nb_dims; i++)
        if (tensor->dim[i] < 1 || tensor->dim[i] > INT_MAX || tensor->stride[i] < 1 ||
            tensor->stride[i] > INT_MAX)
            return refuse(CUDNN_STATUS_BAD_PARAM, function,
                          "dimension and stride %d must be positive", i);
    if (tensor->alignment < 1 || (tensor->alignment & (tensor->alignment - 1)) != 0)
        return refuse(CUDNN_STATUS_BAD_PARAM, function, "an alignment of %d bytes",
                      (int)tensor->alignment);
    tensor->nb_dims = (int)nb_dims;
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t complete_convolution(const char *function, struct backend_descriptor *made)
{
    const struct backend_convolution *c = &made->body.convolution;
    const int64_t *count = made->count;

    if (count[BACKEND_CONVOLUTION_PRE_PADDINGS] != c->nb_dims ||
        count[BACKEND_CONVOLUTION_POST_PADDINGS] != c->nb_dims ||
        count[BACKEND_CONVOLUTION_DILATIONS] != c->nb_dims ||
        count[BACKEND_CONVOLUTION_FILTER_STRIDES] != c->nb_dims)
        return refuse(CUDNN_STATUS_BAD_PARAM, function,
                      "paddings, dilations and strides must have %d elements each",
                      (int)c->nb_dims);
    for (int i = 0; i < c->nb_dims; i++) {
        if (c->pad[i] < 0 || c->pad[i] > INT_MAX || c->stride[i] < 1 || c->stride[i] > INT_MAX ||
            c->dilation[i] < 1 || c->dilation[i] > INT_MAX)
            return refuse(CUDNN_STATUS_BAD_PARAM, function, "dimension %d of a convolution", i);
        if (c->pad[i] != c->post_pad[i])
            return refuse(CUDNN_STATUS_NOT_SUPPORTED_PADDING, function,
                          "unequal paddings before and behind");
    }
    return CUDNN_STATUS_SUCCESS;
}

static struct cudnnTensorStruct tensor_of(const struct backend_tensor *from)
{
    struct cudnnTensorStruct tensor = {.type = from->type, .nb_dims = from->nb_dims};

    for (int i = 0; i < from->nb_dims; i++) {
        tensor.dim[i] = (int)from->dim[i];
        tensor.stride[i] = (int)from->stride[i];
    }
    return tensor;
}

static struct cudnnConvolutionStruct convolution_of(const struct backend_convolution *from)
{
    struct cudnnConvolutionStruct convolution = {
        .mode = from->mode, .compute_type = from->type, .groups = 1, .nb_dims = (int)from->nb_dims};

    for (int i = 0; i < from->nb_dims; i++) {
        convolution.pad[i] = (int)from->pad[i];
        convolution.stride[i] = (int)from->stride[i];
        convolution.dilation[i] = (int)from->dilation[i];
    }
    return convolution;
}

static enum plan_kind kind_of(const struct backend_operation *operation)
{
    switch ((int)operation->kind) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
        return PLAN_CONVOLUTION_BACKWARD_DATA;
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
        return PLAN_CONVOLUTION_BACKWARD_FILTER;
    default:
        return PLAN_CONVOLUTION_FORWARD;
    }
}

static cudnnStatus_t find_plan(const char *function, cudnnHandle_t handle,
                               const struct backend_operation *operation, struct plan **plan)
{
    const struct cudnnTensorStruct x = tensor_of(&operation->x);
    const struct cudnnFilterStruct w = {.tensor = tensor_of(&operation->w)};
    const struct cudnnTensorStruct y = tensor_of(&operation->y);
    const struct cudnnConvolutionStruct convolution = convolution_of(&operation->convolution);

    return convolution_plan(function, handle, kind_of(operation), &x, &w, &convolution, &y, plan);
}

cudnnStatus_t backend_complete(const char *function, struct backend_descriptor *made)
{
    struct plan *plan;
    cudnnStatus_t status;

    switch ((int)made->type) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR:
        return complete_tensor(function, made);
    case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR:
        return complete_convolution(function, made);
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
        made->body.operation.kind = made->type;
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_BACKEND_ENGINE_DESCRIPTOR:
        return made->body.engine == 0 ? CUDNN_STATUS_SUCCESS
                                      : refuse(CUDNN_STATUS_NOT_SUPPORTED, function,
                                               "engine %d; only 0", (int)made->body.engine);
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR:
        status = find_plan(function, made->body.graph.handle, &made->body.graph.operation, &plan);
        if (status == CUDNN_STATUS_SUCCESS)
            made->body.workspace_bytes = (int64_t)plan_workspace_bytes(plan);
        return status;
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR:
        if (made->count[BACKEND_VARIANT_PACK_UNIQUE_IDS] !=
            made->count[BACKEND_VARIANT_PACK_DATA_POINTERS])
            return refuse(CUDNN_STATUS_BAD_PARAM, function, "%d ids for %d pointers",
                          (int)made->count[BACKEND_VARIANT_PACK_UNIQUE_IDS],
                          (int)made->count[BACKEND_VARIANT_PACK_DATA_POINTERS]);
        return CUDNN_STATUS_SUCCESS;
    default:
        return CUDNN_STATUS_SUCCESS;
    }
}

/* The pointer that the pack gives to the tensor, or NULL. */
static void *pointer_to(const struct backend_descriptor *pack, const struct backend_tensor *tensor)
{
    for (int i = 0; i < pack->count[BACKEND_VARIANT_PACK_UNIQUE_IDS]; i++)
        if (pack->body.pack.uid[i] == tensor->uid)
            return pack->body.pack.pointer[i];
    return NULL;
}

/* Runs the plan of the operation on the pack's tensors. */
static cudnnStatus_t run(const char *function, cudnnHandle_t handle,
                         const struct backend_operation *operation,
                         const struct backend_descriptor *pack)
{
    void *x = pointer_to(pack, &operation->x);
    void *w = pointer_to(pack, &operation->w);
    void *y = pointer_to(pack, &operation->y);
    void *workspace = pack->body.pack.workspace;
    struct cudnnTensorStruct out;
    struct plan *plan;
    cudnnStatus_t status = find_plan(function, handle, operation, &plan);

    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    if (kind_of(operation) == PLAN_CONVOLUTION_BACKWARD_DATA) {
        SOFTGPU_WORK_NAMED("convolution_backward_data");
        out = tensor_of(&operation->x);
        return convolution_run(function, handle, plan, w, y, &operation->alpha, &operation->beta,
                               &out, x, workspace, plan_workspace_bytes(plan));
    }
    if (kind_of(operation) == PLAN_CONVOLUTION_BACKWARD_FILTER) {
        SOFTGPU_WORK_NAMED("convolution_backward_filter");
        out = tensor_of(&operation->w);
        return convolution_run(function, handle, plan, x, y, &operation->alpha, &operation->beta,
                               &out, w, workspace, plan_workspace_bytes(plan));
    }
    SOFTGPU_WORK_NAMED("convolution_forward");
    out = tensor_of(&operation->y);
    return convolution_run(function, handle, plan, x, w, &operation->alpha, &operation->beta, &out,
                           y, workspace, plan_workspace_bytes(plan));
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t executionPlan,
                                  cudnnBackendDescriptor_t variantPack)
{
    const struct backend_descriptor *made = executionPlan;
    const struct backend_descriptor *pack = variantPack;

    if (handle == NULL || made == NULL || pack == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (made->type != CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR ||
        pack->type != CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE, "not a plan or not a variant pack");
    if (!made->finalized || !pack->finalized)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED, "a descriptor is not finalized");
    return run(__func__, handle, &made->body.graph.operation, pack);
}
