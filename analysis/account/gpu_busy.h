/*
 * Busy time of the GPU in one step: for how long any of a node's work ran (the union over streams:
 * what runs side by side counts once), and the sum. A node's own work is what was submitted with
 * the node innermost, wherever and whenever it runs; with its children's it is the node's whole.
 */
#ifndef ANALYSIS_ACCOUNT_GPU_BUSY_H
#define ANALYSIS_ACCOUNT_GPU_BUSY_H

#include "replay/nodes.h"

/* A kernel, copy or fill. Times on CUPTI's clock. */
struct gpu_work {
    uint32_t node;
    uint32_t name; /* canonical string id */
    uint64_t start_ns;
    uint64_t end_ns;
};

struct gpu_union {
    uint64_t busy_ns;
    uint64_t end_ns; /* of the latest so far */
};

struct gpu_node_busy {
    bool touched;
    struct gpu_union own;
    struct gpu_union whole; /* its children's with it */
    uint64_t sum_ns;        /* of its own */
    uint64_t works;
};

struct gpu_busy {
    const struct nodes *nodes;
    struct gpu_node_busy *by_node; /* [nodes->n_nodes] */
    uint32_t *touched;             /* nodes with work in them or below, the root always */
    size_t n_touched;
};

void gpu_busy_init(struct gpu_busy *busy, const struct nodes *nodes);
void gpu_busy_free(struct gpu_busy *busy);

/* Fills by_node and touched from a step's work, which it puts in order of its begin. */
void gpu_busy_take(struct gpu_busy *busy, struct gpu_work *work, size_t n);

#endif
