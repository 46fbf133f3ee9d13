#include "cupti_graphs.h"

#include <errno.h>
#include <stdbool.h>

#include "cupti_library.h"
#include "depth.h"
#include "emit.h"

/* Other nodes do nothing that has a record. */
static bool is_work(CUgraphNodeType type)
{
    return type == CU_GRAPH_NODE_TYPE_KERNEL || type == CU_GRAPH_NODE_TYPE_MEMCPY ||
           type == CU_GRAPH_NODE_TYPE_MEMSET;
}

static uint64_t id_of(CUgraphNode node)
{
    uint64_t id = 0;
    return node && gp_cupti.cuptiGetGraphNodeId(node, &id) == CUPTI_SUCCESS ? id : 0;
}

void gp_cupti_graphs_take(CUpti_CallbackId id, const CUpti_ResourceData *data, uint32_t submitting)
{
    const CUpti_GraphData *graph = data->resourceDescriptor;
    const bool cloned = id == CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED;
    if ((!cloned && id != CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED) || !graph ||
        !is_work(graph->nodeType))
        return;
    const int saved_errno = errno;
    gp_depth_enter();
    const struct gp_record_graph_node node = {
        .node = id_of(graph->node),
        .original = cloned ? id_of(graph->originalNode) : 0,
        .graph = (uintptr_t)graph->graph,
        .correlation = submitting,
    };
    if (node.node && (!cloned || node.original))
        gp_emit_graph_node(&node);
    gp_depth_leave();
    errno = saved_errno;
}

void gp_cupti_graphs_start(CUpti_SubscriberHandle subscriber)
{
    gp_cupti.cuptiEnableCallback(1, subscriber, CUPTI_CB_DOMAIN_RESOURCE,
                                 CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED);
    gp_cupti.cuptiEnableCallback(1, subscriber, CUPTI_CB_DOMAIN_RESOURCE,
                                 CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED);
}
