/*
 * What each node did, step by step. The current step's values are gathered in one place a node and
 * become a sample when the step ends. Samples are what memory goes into, so what does not change
 * from step to step, and what few steps have, stands apart from them.
 */
#ifndef ANALYSIS_ACCOUNT_NODE_STEPS_H
#define ANALYSIS_ACCOUNT_NODE_STEPS_H

#include "graphprof/role.h"
#include "replay/nodes.h"

/* Bytes of the device. */
struct node_levels {
    uint64_t calls;
    uint64_t active_before; /* live when it becomes innermost, for the call in which it has its
                               peak; of the step's own node: when the step begins */
    uint64_t active_after;  /* live when its last call ends */
    uint64_t peak;          /* most live while it was the innermost, its begin and end included */
    uint64_t out_bytes;     /* of its outputs */
};

/* On the GPU (gpu_busy.h): known where gpu_time.h says that the step counts. */
struct node_gpu {
    uint64_t ns;       /* busy with its own work */
    uint64_t sum_ns;   /* the sum of its own work */
    uint64_t whole_ns; /* busy with its own work or its children's */
};

/* One step of one node. */
struct node_sample {
    uint32_t step;
    uint32_t levels; /* index: several steps in turn may have the same */
    uint32_t gpu;    /* index + 1; 0: none */
    uint64_t ns;     /* on the host */
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

/* When a node became innermost, in moments of the step, for the call in which it had its peak. */
struct node_place {
    uint64_t moment;
    uint32_t node;
};

struct node_account {
    struct node_levels now;
    uint64_t now_innermost; /* the moment at which it last became innermost in the current step, */
    uint64_t now_entered;   /* and what was live then */
    uint64_t now_peaked;    /* the same for now.peak */
    uint64_t now_ns;        /* on the host */
    uint64_t now_by_role[GP_ROLE_COUNT]; /* at now.peak */
    bool began;                          /* in the current step */
    bool worked;                         /* in any counted step: called, allocated or freed */
    bool worked_now;
    bool has_children;
    bool is_ordered;
    uint32_t after; /* the next in order + 1; 0: it is the last */
    enum node_op_kind op_kind;
    uint32_t op;                 /* string id */
    struct node_sample *samples; /* in order of steps */
    size_t n_samples;
    size_t samples_capacity;
    struct node_levels *levels;
    size_t n_levels;
    size_t levels_capacity;
    struct node_gpu *gpu;
    size_t n_gpu;
    size_t gpu_capacity;
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
    uint32_t first;      /* in order + 1; 0: there is none yet */
    uint64_t root_place; /* of the step's own node, where it first did something, in moments */
    uint64_t moment;     /* calls of nodes that have begun or ended in the current step, from 1 */
    struct node_place *places; /* in the reference step, in their order */
    size_t n_places;
};

void node_steps_init(struct node_steps *steps, size_t n_nodes);
void node_steps_free(struct node_steps *steps);

/* A call of the node begins; `live` bytes in all and by role at that moment. */
void node_steps_begin(struct node_steps *steps, uint32_t node, uint64_t live,
                      const uint64_t *by_role);

/* What lay in the node in the same thread has ended: the node is innermost again, with so much
 * live. */
void node_steps_resume(struct node_steps *steps, uint32_t node, uint64_t live);

/* Live bytes while the node is innermost, or at its end. */
void node_steps_level(struct node_steps *steps, uint32_t node, uint64_t live,
                      const uint64_t *by_role);

/* The node did something itself. The step's own node takes its place in the order only then. */
void node_steps_worked(struct node_steps *steps, uint32_t node);

/* Of a sample of the node. */
static inline const struct node_levels *node_levels_of(const struct node_account *of,
                                                       const struct node_sample *sample)
{
    return &of->levels[sample->levels];
}
struct node_gpu node_gpu_of(const struct node_account *of, const struct node_sample *sample);

/* Where the sample's times on the GPU are to be put. */
struct node_gpu *node_gpu_to(struct node_account *of, struct node_sample *sample);

/* The step, a counted one, has ended: samples of the nodes that began in it. */
void node_steps_end(struct node_steps *steps, uint32_t step, bool is_reference);

/*
 * Once all steps are there: the order of nodes, by `first` and `after`. It is the reference step's,
 * where a node that runs several times, or around others, stands at the call in which it has its
 * peak. One that did not run there stands behind the one that it first came behind in another step.
 */
void node_steps_settle_order(struct node_steps *steps);

#endif
