/*
 * What each node did, step by step. The current step's values are gathered in one place a node and
 * become a sample when the step ends.
 */
#ifndef ANALYSIS_ACCOUNT_NODE_STEPS_H
#define ANALYSIS_ACCOUNT_NODE_STEPS_H

#include "graphprof/role.h"
#include "replay/nodes.h"

/* One step of one node. Bytes of the device; ns on the host, gpu_* on the GPU (gpu_busy.h): known
   where gpu_time.h says that the step counts. */
struct node_sample {
    uint32_t step;
    uint32_t calls;
    uint64_t ns;
    uint64_t active_before; /* live when its first call begins */
    uint64_t active_after;  /* live when its last call ends */
    uint64_t peak;          /* most live while it was the innermost, its begin and end included */
    uint64_t out_bytes;     /* of its outputs */
    uint64_t gpu_ns;        /* busy with its own work */
    uint64_t gpu_sum_ns;    /* the sum of its own work */
    uint64_t gpu_whole_ns;  /* busy with its own work or its children's */
};

/* What was live at a peak of that height, in the first step that had it. */
struct node_peak {
    uint64_t bytes;
    uint64_t by_role[GP_ROLE_COUNT];
    bool of_reference; /* in the reference step: preferred */
};

/* What kind of call gave a node its `op`, the best last. */
enum node_op_kind {
    NODE_OP_NONE,
    NODE_OP_COPY,
    NODE_OP_KERNEL,
    NODE_OP_COMPUTE
};

struct node_account {
    struct node_sample now;
    uint64_t now_by_role[GP_ROLE_COUNT]; /* at now.peak */
    bool began;                          /* in the current step */
    bool worked;                         /* in any counted step: called, allocated or freed */
    bool worked_now;
    bool has_children;
    bool is_ordered;
    uint32_t after; /* the next in the order of first execution + 1; 0: it is the last */
    enum node_op_kind op_kind;
    uint32_t op; /* string id */
    struct node_sample *samples;
    size_t n_samples;
    size_t samples_capacity;
    struct node_peak *peaks; /* one for each height */
    size_t n_peaks;
    size_t peaks_capacity;
};

struct node_steps {
    struct node_account *nodes;
    size_t n_nodes;
    uint32_t *begun; /* nodes that began in the current step */
    size_t n_begun;
    size_t begun_capacity;
    uint32_t *sequence; /* the same nodes in the order in which they began to work */
    size_t n_sequence;
    size_t sequence_capacity;
    uint32_t first; /* in the order of first execution + 1; 0: there is none yet */
};

void node_steps_init(struct node_steps *steps, size_t n_nodes);
void node_steps_free(struct node_steps *steps);

/* A call of the node begins; `live` bytes in all and by role at that moment. */
void node_steps_begin(struct node_steps *steps, uint32_t node, uint64_t live,
                      const uint64_t *by_role);

/* Live bytes while the node is innermost, or at its end. */
void node_steps_level(struct node_steps *steps, uint32_t node, uint64_t live,
                      const uint64_t *by_role);

/* The node did something itself. The step's own node takes its place in the order only then. */
void node_steps_worked(struct node_steps *steps, uint32_t node);

/* The step, a counted one, has ended: samples of the nodes that began in it. */
void node_steps_end(struct node_steps *steps, uint32_t step, bool is_reference);

#endif
