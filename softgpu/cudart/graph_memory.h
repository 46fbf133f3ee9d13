/*
 * Memory that graphs give out. Its address is fixed when the node is made; the device's capacity is
 * charged when a launch first gives it out, and stays charged between launches, until the graph is
 * gone or the memory is trimmed. It is in no pool: cudaDeviceGetGraphMemAttribute tells of it.
 *
 * A real device lets nodes whose lives do not overlap share physical memory; here each has its own.
 */
#ifndef SOFTGPU_CUDART_GRAPH_MEMORY_H
#define SOFTGPU_CUDART_GRAPH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

/* Guarded by sg_lock (memory.h). */
struct sg_graph_memory {
    char *base;
    size_t bytes;
    int device;
    unsigned holders; /* nodes, of graphs and executable graphs */
    bool charged;
    bool live; /* given out by a launch and not freed */
    LIST_ENTRY(sg_graph_memory) others;
};

/* Of the current device, with one holder. NULL if the host has no memory. */
struct sg_graph_memory *sg_graph_memory_new(size_t bytes);
void sg_graph_memory_hold(struct sg_graph_memory *memory);
void sg_graph_memory_drop(struct sg_graph_memory *memory);

/* Whether a node gives out memory that begins there. */
bool sg_graph_memory_begins_at(const void *address);

/* Takes what it needs of the capacity; false: there is no room. */
bool sg_graph_memory_charge(struct sg_graph_memory *memory);
/* It is live from here on; false if the host has no memory. */
bool sg_graph_memory_give_out(struct sg_graph_memory *memory);

/* sg_lock is held: its block was freed. */
void sg_graph_memory_freed(struct sg_graph_memory *memory);

#endif
