/* cuDNN's wrappers. */
#include <cudnn.h>

#include "wrap_cudnn_graph.h"

#include "resolve.h"
#include "wrap_stream.h"

static void *stream_of(const void *argument)
{
    __typeof__(&cudnnGetStream) const get =
        (__typeof__(&cudnnGetStream))gp_resolve_query(GP_QUERY_cudnnGetStream);
    const cudnnHandle_t *handle = argument;
    cudaStream_t stream;
    return get && get(*handle, &stream) == CUDNN_STATUS_SUCCESS
               ? gp_stream_named(GP_API_NONE, stream)
               : GP_STREAM_UNKNOWN;
}
#define GP_STREAM(api, args) GP_STREAM_OF_FIRST(args, cudnnHandle_t, stream_of)

#define GP_NOT_FOUND CUDNN_STATUS_NOT_INITIALIZED
#include "wrap.h"

/* cudnnBackendExecute: its operands are not in its arguments. */
#define GP_AFTER_GRAPH(...)                                                                        \
    gp_graph_executed(executionPlan, variantPack);                                                 \
    gp_device_sample_after_call();

#include "api/cudnn.def"
