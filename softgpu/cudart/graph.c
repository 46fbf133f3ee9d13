#include "graph.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "handles.h"
#include "tell.h"

static atomic_uint_fast64_t last_id;

uint64_t __cudaSoftgpuNodeId(const void *node) { return ((const struct CUgraphNode_st *)node)->id; }

static void end_node(cudaGraphNode_t node)
{
    if (node->type == cudaGraphNodeTypeKernel)
        free(node->kernel.args);
    if (node->type == cudaGraphNodeTypeMemAlloc)
        sg_graph_memory_drop(node->made);
    free(node);
}

void sg_nodes_end(struct sg_nodes *nodes)
{
    while (!STAILQ_EMPTY(nodes)) {
        cudaGraphNode_t node = STAILQ_FIRST(nodes);
        STAILQ_REMOVE_HEAD(nodes, others);
        end_node(node);
    }
}

cudaGraph_t sg_graph_new(void)
{
    cudaGraph_t graph = sg_handle_new(SG_GRAPH, sizeof *graph);
    if (graph)
        STAILQ_INIT(&graph->nodes);
    return graph;
}

void sg_graph_end(cudaGraph_t graph)
{
    sg_nodes_end(&graph->nodes);
    sg_handle_end(SG_GRAPH, graph);
}

bool sg_graph_has_memory(const struct sg_nodes *nodes)
{
    cudaGraphNode_t node;
    STAILQ_FOREACH(node, nodes, others)
    if (node->type == cudaGraphNodeTypeMemAlloc || node->type == cudaGraphNodeTypeMemFree)
        return true;
    return false;
}

/* Where the launch found them, arguments live as long as the call only. */
static bool copy_args(struct sg_kernel_call *call)
{
    const struct softgpu_kernel *const body = call->body;
    size_t bytes = body->n_params * sizeof(void *);
    for (unsigned i = 0; i < body->n_params; i++)
        bytes += (body->param_bytes[i] + 15) / 16 * 16;
    void **const copy = aligned_alloc(16, (bytes + 31) / 16 * 16);
    if (!copy)
        return false;
    char *at = (char *)copy + (body->n_params * sizeof(void *) + 15) / 16 * 16;
    for (unsigned i = 0; i < body->n_params; i++) {
        copy[i] = memcpy(at, call->args[i], body->param_bytes[i]);
        at += (body->param_bytes[i] + 15) / 16 * 16;
    }
    call->args = copy;
    return true;
}

/* A node like `like`, behind the others; NULL if the host has no memory. */
static cudaGraphNode_t append(struct sg_nodes *nodes, const struct CUgraphNode_st *like)
{
    cudaGraphNode_t node = malloc(sizeof *node);
    if (!node)
        return NULL;
    *node = *like;
    if (node->type == cudaGraphNodeTypeKernel && !copy_args(&node->kernel)) {
        free(node);
        return NULL;
    }
    if (node->type == cudaGraphNodeTypeMemAlloc)
        sg_graph_memory_hold(node->made);
    node->id = atomic_fetch_add(&last_id, 1) + 1;
    STAILQ_INSERT_TAIL(nodes, node, others);
    return node;
}

static cudaError_t add(cudaGraph_t graph, const struct CUgraphNode_st *like,
                       const struct softgpu_work *work)
{
    cudaGraphNode_t made = append(&graph->nodes, like);
    if (!made)
        return cudaErrorMemoryAllocation;
    const struct softgpu_node told = {graph, made, NULL, NULL, (int)made->type};
    if (work)
        sg_work_captured(work, &told);
    return cudaSuccess;
}

cudaError_t sg_graph_add_kernel(cudaGraph_t graph, const struct sg_kernel_call *call)
{
    const struct softgpu_work work = {.kind = SOFTGPU_KERNEL, .name = call->name};
    const struct CUgraphNode_st like = {.type = cudaGraphNodeTypeKernel, .kernel = *call};
    return add(graph, &like, &work);
}

cudaError_t sg_graph_add_copy(cudaGraph_t graph, const struct sg_copy *copy)
{
    const struct softgpu_work work = {.kind = sg_copy_work_kind(copy->kind)};
    const struct CUgraphNode_st like = {.type = cudaGraphNodeTypeMemcpy, .copy = *copy};
    return add(graph, &like, &work);
}

cudaError_t sg_graph_add_fill(cudaGraph_t graph, const struct sg_fill *fill)
{
    const struct softgpu_work work = {.kind = SOFTGPU_FILL};
    const struct CUgraphNode_st like = {.type = cudaGraphNodeTypeMemset, .fill = *fill};
    return add(graph, &like, &work);
}

cudaError_t sg_graph_add_host(cudaGraph_t graph, cudaHostFn_t function, void *data)
{
    const struct CUgraphNode_st like = {.type = cudaGraphNodeTypeHost, .host = {function, data}};
    return add(graph, &like, NULL);
}

cudaError_t sg_graph_add_alloc(cudaGraph_t graph, size_t bytes, void **address)
{
    struct sg_graph_memory *const memory = sg_graph_memory_new(bytes);
    if (!memory)
        return cudaErrorMemoryAllocation;
    const struct CUgraphNode_st like = {.type = cudaGraphNodeTypeMemAlloc, .made = memory};
    const cudaError_t error = add(graph, &like, NULL);
    void *const base = memory->base;
    sg_graph_memory_drop(memory); /* the node holds it */
    if (error == cudaSuccess)
        *address = base;
    return error;
}

cudaError_t sg_graph_add_free(cudaGraph_t graph, void *address)
{
    cudaGraphNode_t node;
    if (!sg_graph_memory_begins_at(address))
        return cudaErrorInvalidValue;
    STAILQ_FOREACH(node, &graph->nodes, others)
    if (node->type == cudaGraphNodeTypeMemFree && node->freed == address)
        return cudaErrorInvalidValue;
    const struct CUgraphNode_st like = {.type = cudaGraphNodeTypeMemFree, .freed = address};
    return add(graph, &like, NULL);
}

bool sg_nodes_clone(struct sg_nodes *to, const struct sg_nodes *from)
{
    cudaGraphNode_t node;
    STAILQ_FOREACH(node, from, others)
    {
        cudaGraphNode_t made = append(to, node);
        if (!made) {
            sg_nodes_end(to);
            return false;
        }
        const struct softgpu_node told = {to, made, from, node, (int)made->type};
        sg_work_cloned(&told);
    }
    return true;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    SG_ENTER();
    if (!sg_handle_valid(SG_GRAPH, graph))
        return sg_return(cudaErrorInvalidValue);
    sg_graph_end(graph);
    return cudaSuccess;
}

/* With no room for them, how many there are. Behind the last, `nodes` is filled with NULL. */
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *count)
{
    SG_ENTER();
    if (!count || !sg_handle_valid(SG_GRAPH, graph))
        return sg_return(cudaErrorInvalidValue);
    size_t n = 0;
    cudaGraphNode_t node;
    STAILQ_FOREACH(node, &graph->nodes, others)
    {
        if (nodes && n < *count)
            nodes[n] = node;
        n++;
    }
    for (size_t i = n; nodes && i < *count; i++)
        nodes[i] = NULL;
    if (!nodes || n < *count)
        *count = n;
    return cudaSuccess;
}

cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, enum cudaGraphNodeType *type)
{
    SG_ENTER();
    if (!node || !type)
        return sg_return(cudaErrorInvalidValue);
    *type = node->type;
    return cudaSuccess;
}
