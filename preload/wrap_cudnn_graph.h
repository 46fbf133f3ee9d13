/*
 * What the program tells cuDNN's graph API, noted for the calls of cudnnBackendExecute: see
 * graph_table.h. Called by the wrappers at depth 1, after a call that succeeded but for
 * gp_graph_forget, which comes before the destruction (the handle may be given out again).
 */
#ifndef GRAPHPROF_WRAP_CUDNN_GRAPH_H
#define GRAPHPROF_WRAP_CUDNN_GRAPH_H

#include <cudnn.h>

void gp_graph_created(const cudnnBackendDescriptor_t *descriptor);
void gp_graph_set(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                  cudnnBackendAttributeType_t type, int64_t count, const void *elements);
void gp_graph_got(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                  cudnnBackendAttributeType_t type, int64_t room, const int64_t *count,
                  const void *elements);
void gp_graph_destroying(cudnnBackendDescriptor_t descriptor);
/* Records the call. */
void gp_graph_executed(cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack);

#endif
