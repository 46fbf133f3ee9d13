/* cuDNN's wrappers. */
#include <cudnn.h>

#include "wrap_cudnn_graph.h"

#define GP_NOT_FOUND CUDNN_STATUS_NOT_INITIALIZED
#include "wrap.h"

/* cudnnBackendExecute: its operands are not in its arguments. */
#define GP_AFTER_GRAPH(...)                                                                        \
    gp_graph_executed(executionPlan, variantPack);                                                 \
    gp_device_sample_after_call();

#include "api/cudnn.def"
