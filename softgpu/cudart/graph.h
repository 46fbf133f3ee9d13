/*
 * Graphs. A graph is a list of nodes in the order in which they were captured, and so one of the
 * orders that its dependencies allow; an executable graph is a copy of the list, with node ids of
 * its own as CUPTI gives them, and a launch does the nodes one behind the other in the caller's
 * thread. Nodes come from stream capture alone (capture.h).
 *
 * A graph may be used by one thread at a time, as in CUDA.
 */
#ifndef SOFTGPU_CUDART_GRAPH_H
#define SOFTGPU_CUDART_GRAPH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <cuda_runtime_api.h>

#include "copy.h"
#include "graph_memory.h"
#include "kernel.h"

struct sg_kernel_call {
    const struct softgpu_kernel *body;
    const char *name;
    void **args; /* a copy, in one block with what they point at */
};

struct CUgraphNode_st {
    uint64_t id; /* unique in the process, from 1 */
    enum cudaGraphNodeType type;
    union {
        struct sg_kernel_call kernel;
        struct sg_copy copy;
        struct sg_fill fill;
        struct cudaHostNodeParams host;
        struct sg_graph_memory *made; /* of a MemAlloc node */
        void *freed;                  /* of a MemFree node */
    };
    STAILQ_ENTRY(CUgraphNode_st) others;
};
STAILQ_HEAD(sg_nodes, CUgraphNode_st);

struct CUgraph_st {
    struct sg_nodes nodes;
    unsigned execs; /* that exist, of a graph with memory nodes */
};

struct CUgraphExec_st {
    struct sg_nodes nodes;
    unsigned long long flags;
    cudaGraph_t counted_in; /* the graph whose `execs` it is in; NULL: none */
};

/* A graph without nodes; NULL if the host has no memory. */
cudaGraph_t sg_graph_new(void);
void sg_graph_end(cudaGraph_t graph);
bool sg_graph_has_memory(const struct sg_nodes *nodes);

/* Nodes of the kinds that can be captured, behind the others; work is told to who listens as the
 * submission that it replaces. cudaErrorMemoryAllocation if the host has no memory. */
cudaError_t sg_graph_add_kernel(cudaGraph_t graph, const struct sg_kernel_call *call);
cudaError_t sg_graph_add_copy(cudaGraph_t graph, const struct sg_copy *copy);
cudaError_t sg_graph_add_fill(cudaGraph_t graph, const struct sg_fill *fill);
cudaError_t sg_graph_add_host(cudaGraph_t graph, cudaHostFn_t function, void *data);
/* *address is what each launch gives out. */
cudaError_t sg_graph_add_alloc(cudaGraph_t graph, size_t bytes, void **address);
/* cudaErrorInvalidValue unless the address is that of a graph's memory and is freed once here. */
cudaError_t sg_graph_add_free(cudaGraph_t graph, void *address);

/* Copies of the nodes, behind those of `to`; who listens is told. False if the host has no memory:
 * `to` is then empty. */
bool sg_nodes_clone(struct sg_nodes *to, const struct sg_nodes *from);
void sg_nodes_end(struct sg_nodes *nodes);

#endif
