#include "wrap_cudnn_graph.h"

#include <stdbool.h>
#include <stddef.h>

#include "api_table.h"
#include "capture.h"
#include "emit.h"
#include "graph_table.h"
#include "step_calls.h"

/* Which operand of which row a tensor of an operation is. */
static const struct {
    cudnnBackendAttributeName_t name;
    enum gp_api api;
    const char *operand;
} operands[] = {
#define OPERAND(attribute, row, operand)                                                           \
    {                                                                                              \
        CUDNN_ATTR_OPERATION_##attribute, GP_API_cudnnBackendExecute_##row, #operand               \
    }
    OPERAND(CONVOLUTION_FORWARD_X, ConvolutionForward, x),
    OPERAND(CONVOLUTION_FORWARD_W, ConvolutionForward, w),
    OPERAND(CONVOLUTION_FORWARD_Y, ConvolutionForward, y),
    OPERAND(CONVOLUTION_BWD_DATA_W, ConvolutionBackwardData, w),
    OPERAND(CONVOLUTION_BWD_DATA_DY, ConvolutionBackwardData, dy),
    OPERAND(CONVOLUTION_BWD_DATA_DX, ConvolutionBackwardData, dx),
    OPERAND(CONVOLUTION_BWD_FILTER_X, ConvolutionBackwardFilter, x),
    OPERAND(CONVOLUTION_BWD_FILTER_DY, ConvolutionBackwardFilter, dy),
    OPERAND(CONVOLUTION_BWD_FILTER_DW, ConvolutionBackwardFilter, dw),
    OPERAND(NORM_FWD_XDESC, NormForward, x),
    OPERAND(NORM_FWD_YDESC, NormForward, y),
    OPERAND(NORM_FWD_SCALE_DESC, NormForward, scale),
    OPERAND(NORM_FWD_BIAS_DESC, NormForward, bias),
    OPERAND(NORM_FWD_MEAN_DESC, NormForward, mean),
    OPERAND(NORM_FWD_INV_VARIANCE_DESC, NormForward, invVariance),
    OPERAND(NORM_FWD_INPUT_RUNNING_MEAN_DESC, NormForward, inputRunningMean),
    OPERAND(NORM_FWD_INPUT_RUNNING_VAR_DESC, NormForward, inputRunningVar),
    OPERAND(NORM_FWD_OUTPUT_RUNNING_MEAN_DESC, NormForward, outputRunningMean),
    OPERAND(NORM_FWD_OUTPUT_RUNNING_VAR_DESC, NormForward, outputRunningVar),
    OPERAND(NORM_BWD_XDESC, NormBackward, x),
    OPERAND(NORM_BWD_DYDESC, NormBackward, dy),
    OPERAND(NORM_BWD_DXDESC, NormBackward, dx),
    OPERAND(NORM_BWD_SCALE_DESC, NormBackward, scale),
    OPERAND(NORM_BWD_DSCALE_DESC, NormBackward, dscale),
    OPERAND(NORM_BWD_DBIAS_DESC, NormBackward, dbias),
    OPERAND(NORM_BWD_MEAN_DESC, NormBackward, mean),
    OPERAND(NORM_BWD_INV_VARIANCE_DESC, NormBackward, invVariance),
#undef OPERAND
};

static void set_operand(cudnnBackendDescriptor_t operation, cudnnBackendAttributeName_t name,
                        const cudnnBackendDescriptor_t *tensor)
{
    for (size_t i = 0; i < sizeof operands / sizeof operands[0]; i++)
        if (operands[i].name == name)
            gp_graph_operand(operation, operands[i].api, operands[i].operand, *tensor);
}

/* What stands in one descriptor about another that was made before it. */
static void set_child(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                      int64_t count, const cudnnBackendDescriptor_t *children)
{
    switch ((int)name) {
    case CUDNN_ATTR_OPERATIONGRAPH_OPS:
        if (count == 1)
            gp_graph_inherit(descriptor, children[0]);
        else
            gp_graph_unknown(descriptor);
        break;
    case CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH:
    case CUDNN_ATTR_ENGINE_OPERATION_GRAPH:
    case CUDNN_ATTR_ENGINECFG_ENGINE:
    case CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG:
        gp_graph_inherit(descriptor, children[0]);
        break;
    default:
        set_operand(descriptor, name, children);
    }
}

void gp_graph_created(const cudnnBackendDescriptor_t *descriptor)
{
    if (descriptor && gp_capture_ready())
        gp_graph_forget(*descriptor);
}

void gp_graph_set(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                  cudnnBackendAttributeType_t type, int64_t count, const void *elements)
{
    if (count < 1 || !elements || !gp_capture_ready())
        return;
    if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
        set_child(descriptor, name, count, elements);
        return;
    }
    switch ((int)name) {
    case CUDNN_ATTR_TENSOR_UNIQUE_ID:
        if (type == CUDNN_TYPE_INT64)
            gp_graph_tensor(descriptor, *(const int64_t *)elements);
        break;
    case CUDNN_ATTR_OPERATION_NORM_FWD_PHASE: /* mean and variance are inputs of an inference */
        if (type == CUDNN_TYPE_NORM_FWD_PHASE &&
            *(const cudnnBackendNormFwdPhase_t *)elements != CUDNN_NORM_FWD_TRAINING)
            gp_graph_unknown(descriptor);
        break;
    case CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS:
        if (type == CUDNN_TYPE_INT64)
            gp_graph_pack_ids(descriptor, elements, count);
        break;
    case CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS:
        if (type == CUDNN_TYPE_VOID_PTR)
            gp_graph_pack_pointers(descriptor, elements, count);
        break;
    case CUDNN_ATTR_VARIANT_PACK_WORKSPACE:
        if (type == CUDNN_TYPE_VOID_PTR)
            gp_graph_pack_workspace(descriptor, *(void *const *)elements);
        break;
    default:
        break;
    }
}

/* The heuristics' answers are of the graph that they were asked about. */
void gp_graph_got(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                  cudnnBackendAttributeType_t type, int64_t room, const int64_t *count,
                  const void *elements)
{
    const cudnnBackendDescriptor_t *children = elements;
    if (type != CUDNN_TYPE_BACKEND_DESCRIPTOR || !elements ||
        (name != CUDNN_ATTR_ENGINEHEUR_RESULTS && name != CUDNN_ATTR_ENGINECFG_ENGINE &&
         name != CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG) ||
        !gp_capture_ready())
        return;
    const int64_t n = count && *count < room ? *count : room;
    for (int64_t i = 0; i < n; i++)
        gp_graph_inherit(children[i], descriptor);
}

void gp_graph_destroying(cudnnBackendDescriptor_t descriptor)
{
    if (descriptor && gp_capture_ready())
        gp_graph_forget(descriptor);
}

void gp_graph_executed(cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack)
{
    uint64_t addresses[GP_GRAPH_ADDRESSES_MAX];
    enum gp_api api;
    if (!gp_capture_ready())
        return;
    const unsigned n = gp_graph_addresses(plan, pack, GP_API_cudnnBackendExecute, &api, addresses);
    gp_emit_call(api, addresses, n, 0);
    if (api != GP_API_cudnnBackendExecute) /* that one is the wrapper's */
        gp_step_calls_after(api);
}
