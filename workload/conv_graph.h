/*
 * cuDNN's graph API as far as convolutions need it: descriptors, and the operation graph of one
 * pass. Main thread only; any failure ends the program with one line that names the attribute.
 */
#ifndef WORKLOAD_CONV_GRAPH_H
#define WORKLOAD_CONV_GRAPH_H

#include "conv_plan.h"

#include <stdint.h>

/* What the graph calls its tensors, in the order of conv_plan_run's arguments. */
enum {
    CONV_TENSORS = 3
};
extern const int64_t conv_uids[CONV_TENSORS];

cudnnBackendDescriptor_t backend_new(cudnnBackendDescriptorType_t type);
void backend_free(cudnnBackendDescriptor_t descriptor);
void backend_finalize(cudnnBackendDescriptor_t descriptor);

/* `elements` of the C type that goes with TYPE, as in CUDNN_TYPE_INT64 with int64_t. */
#define BACKEND_SET(descriptor, name, type, count, elements)                                       \
    backend_must(cudnnBackendSetAttribute(descriptor, name, type, count, elements),                \
                 "cudnnBackendSetAttribute of " #name)
#define BACKEND_GET(descriptor, name, type, room, count, elements)                                 \
    backend_must(cudnnBackendGetAttribute(descriptor, name, type, room, count, elements),          \
                 "cudnnBackendGetAttribute of " #name)
void backend_must(cudnnStatus_t status, const char *call);

/* The finalized graph of one operation; the caller frees it. */
cudnnBackendDescriptor_t conv_graph_new(cudnnHandle_t handle, const struct conv_spec *spec);

/* Bytes of x, w and y together. */
size_t conv_operand_bytes(const struct conv_spec *spec);

#endif
