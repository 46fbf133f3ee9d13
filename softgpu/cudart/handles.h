/*
 * The objects behind streams, events, arrays and graphs. A program may hand in a handle that is
 * stale or was never one; the registry finds out without touching the memory it points at. Any
 * thread.
 */
#ifndef SOFTGPU_CUDART_HANDLES_H
#define SOFTGPU_CUDART_HANDLES_H

#include <stdbool.h>
#include <stddef.h>

enum sg_handle_kind {
    SG_STREAM,
    SG_EVENT,
    SG_ARRAY,
    SG_MIPMAPPED_ARRAY,
    SG_GRAPH,
    SG_GRAPH_EXEC,
    SG_HANDLE_KINDS
};

/* A zeroed object of the current device; NULL if the host has no memory. */
void *sg_handle_new(enum sg_handle_kind kind, size_t bytes);
bool sg_handle_valid(enum sg_handle_kind kind, const void *handle);

/* Ends the object; false if it is none of this kind. */
bool sg_handle_end(enum sg_handle_kind kind, void *handle);

/* Ends all objects of the kind that were made on the device. */
void sg_handles_reset(enum sg_handle_kind kind, int device);

#endif
