/* Executable graphs: made from graphs, and launched. */
#include "capture.h"
#include "error.h"
#include "graph.h"
#include "handles.h"
#include "memory.h"
#include "stream.h"
#include "tell.h"

static void count_out(cudaGraphExec_t exec)
{
    if (exec->counted_in && sg_handle_valid(SG_GRAPH, exec->counted_in))
        exec->counted_in->execs--;
}

/* Of a graph that gives out memory there is one executable graph at a time. */
static cudaError_t instantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
    const unsigned long long known =
        cudaGraphInstantiateFlagAutoFreeOnLaunch | cudaGraphInstantiateFlagUseNodePriority;
    if (!exec || flags & ~known || !sg_handle_valid(SG_GRAPH, graph))
        return cudaErrorInvalidValue;
    const bool has_memory = sg_graph_has_memory(&graph->nodes);
    if (has_memory && graph->execs)
        return cudaErrorNotSupported;
    cudaGraphExec_t made = sg_handle_new(SG_GRAPH_EXEC, sizeof *made);
    if (!made)
        return cudaErrorMemoryAllocation;
    STAILQ_INIT(&made->nodes);
    made->flags = flags;
    if (!sg_nodes_clone(&made->nodes, &graph->nodes)) {
        sg_handle_end(SG_GRAPH_EXEC, made);
        return cudaErrorMemoryAllocation;
    }
    if (has_memory) {
        made->counted_in = graph;
        graph->execs++;
    }
    *exec = made;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
    SG_ENTER();
    return sg_return(instantiate(exec, graph, flags));
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *exec, cudaGraph_t graph,
                                          unsigned long long flags)
{
    return cudaGraphInstantiate(exec, graph, flags);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    SG_ENTER();
    if (!sg_handle_valid(SG_GRAPH_EXEC, exec))
        return sg_return(cudaErrorInvalidValue);
    count_out(exec);
    sg_nodes_end(&exec->nodes);
    sg_handle_end(SG_GRAPH_EXEC, exec);
    return cudaSuccess;
}

/* What the launch before left behind is freed first, if that was asked for; else it must not be
 * there. */
static cudaError_t free_rest(cudaGraphExec_t exec)
{
    cudaGraphNode_t node;
    STAILQ_FOREACH(node, &exec->nodes, others)
    if (node->type == cudaGraphNodeTypeMemAlloc && node->made->live) {
        if (!(exec->flags & cudaGraphInstantiateFlagAutoFreeOnLaunch))
            return cudaErrorInvalidValue;
        sg_memory_leave(node->made->base);
    }
    return cudaSuccess;
}

/* The whole graph's, before anything runs. */
static cudaError_t charge(cudaGraphExec_t exec)
{
    cudaGraphNode_t node;
    STAILQ_FOREACH(node, &exec->nodes, others)
    if (node->type == cudaGraphNodeTypeMemAlloc && !sg_graph_memory_charge(node->made))
        return cudaErrorMemoryAllocation;
    return cudaSuccess;
}

static cudaError_t do_kernel(const struct sg_kernel_call *call, struct softgpu_part part)
{
    struct softgpu_work work = {.kind = SOFTGPU_KERNEL,
                                .name = call->name,
                                .node = part.node,
                                .correlation = part.correlation};
    sg_work_begin(&work);
    call->body->body(call->args);
    sg_work_end(&work);
    return cudaSuccess;
}

static cudaError_t do_node(cudaGraphNode_t node, uint32_t correlation)
{
    const struct softgpu_part part = {node->id, correlation};
    switch ((int)node->type) {
    case cudaGraphNodeTypeKernel:
        return do_kernel(&node->kernel, part);
    case cudaGraphNodeTypeMemcpy:
        return sg_copy_do(&node->copy, part);
    case cudaGraphNodeTypeMemset:
        return sg_fill_do(&node->fill, part);
    case cudaGraphNodeTypeHost:
        node->host.fn(node->host.userData);
        return cudaSuccess;
    case cudaGraphNodeTypeMemAlloc:
        return sg_graph_memory_give_out(node->made) ? cudaSuccess : cudaErrorMemoryAllocation;
    case cudaGraphNodeTypeMemFree:
        return sg_memory_leave(node->freed) ? cudaSuccess : cudaErrorInvalidValue;
    default:
        return cudaErrorNotSupported;
    }
}

static cudaError_t launch(cudaGraphExec_t exec)
{
    cudaError_t error = free_rest(exec);
    if (error == cudaSuccess)
        error = charge(exec);
    if (error != cudaSuccess)
        return error;
    const uint32_t correlation = sg_work_launch();
    cudaGraphNode_t node;
    STAILQ_FOREACH(node, &exec->nodes, others)
    if (error == cudaSuccess)
        error = do_node(node, correlation);
    return error;
}

/* A launch in a stream that is captured would be a graph in a graph. */
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    if (!sg_handle_valid(SG_GRAPH_EXEC, exec))
        return sg_return(cudaErrorInvalidValue);
    const cudaError_t error = sg_capture_lacks(stream, "cudaGraphLaunch");
    return sg_return(error != cudaSuccess ? error : launch(exec));
}
SG_TWIN(cudaGraphLaunch, _ptsz);

/* Takes what launches will need of the device. */
cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    if (!sg_handle_valid(SG_GRAPH_EXEC, exec))
        return sg_return(cudaErrorInvalidValue);
    return sg_return(charge(exec));
}
SG_TWIN(cudaGraphUpload, _ptsz);
