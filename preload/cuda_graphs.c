#include "cuda_graphs.h"

#include <stdatomic.h>
#include <stddef.h>

#include "device.h"
#include "emit.h"
#include "vendor.h"

/* Captures begun and not ended. */
static atomic_int captures;

bool gp_cuda_graphs_capturing(void)
{
    return atomic_load_explicit(&captures, memory_order_relaxed) > 0;
}

/* False: work in the stream is done as it comes. */
static bool is_captured(enum gp_api api, const void *stream, uint64_t *graph)
{
    return gp_cuda_graphs_capturing() &&
           gp_vendor_stream_graph(stream, gp_api_rows[api].per_thread_stream, graph);
}

void gp_cuda_graphs_begun(enum gp_api api, const void *stream, bool into)
{
    uint64_t graph = 0;
    atomic_fetch_add_explicit(&captures, 1, memory_order_relaxed);
    is_captured(api, stream, &graph);
    gp_emit_graph(into ? GP_GRAPH_CAPTURE_INTO : GP_GRAPH_CAPTURE, graph, 0, 0);
}

void gp_cuda_graphs_ended(enum gp_api api, const void *stream, const void *graph)
{
    uint64_t still;
    if (!gp_cuda_graphs_capturing() || (!graph && is_captured(api, stream, &still)))
        return;
    atomic_fetch_sub_explicit(&captures, 1, memory_order_relaxed);
    gp_emit_graph(GP_GRAPH_CAPTURED, (uintptr_t)graph, 0, 0);
}

void gp_cuda_graphs_memory(enum gp_api api, const void *graph, const void *address, uint64_t bytes)
{
    gp_emit_graph_memory((uint16_t)api, gp_device_current(), (uintptr_t)graph, (uintptr_t)address,
                         bytes);
}

bool gp_cuda_graphs_take_alloc(enum gp_api api, uint8_t device, const void *address, uint64_t bytes,
                               const void *stream)
{
    uint64_t graph = 0;
    if (!is_captured(api, stream, &graph))
        return false;
    gp_emit_graph_memory((uint16_t)api, device, graph, (uintptr_t)address, bytes);
    return true;
}

bool gp_cuda_graphs_take_free(enum gp_api api, const void *address, const void *stream)
{
    return gp_cuda_graphs_take_alloc(api, gp_device_current(), address, 0, stream);
}

bool gp_cuda_graphs_take_driver(uint16_t number, uint8_t device, uint64_t address, uint64_t bytes,
                                const void *stream)
{
    uint64_t graph = 0;
    if (!gp_cuda_graphs_capturing() || !gp_vendor_stream_graph(stream, false, &graph))
        return false;
    gp_emit_graph_memory(number, device, graph, address, bytes);
    return true;
}

void gp_cuda_graphs_created(const void *graph)
{
    gp_emit_graph(GP_GRAPH_CREATED, (uintptr_t)graph, 0, 0);
}

void gp_cuda_graphs_instantiated(const void *graph, const void *exec, uint64_t flags)
{
    gp_emit_graph(GP_GRAPH_INSTANTIATED, (uintptr_t)graph, (uintptr_t)exec, (uint32_t)flags);
}

void gp_cuda_graphs_launched(enum gp_api api, const void *exec, const void *stream)
{
    uint64_t graph = 0;
    const bool nested = is_captured(api, stream, &graph);
    gp_emit_graph(nested ? GP_GRAPH_NESTED : GP_GRAPH_LAUNCHED, graph, (uintptr_t)exec, 0);
}

void gp_cuda_graphs_exec_ends(const void *exec)
{
    gp_emit_graph(GP_GRAPH_EXEC_ENDS, 0, (uintptr_t)exec, 0);
}

void gp_cuda_graphs_graph_ends(const void *graph)
{
    gp_emit_graph(GP_GRAPH_ENDS, (uintptr_t)graph, 0, 0);
}
