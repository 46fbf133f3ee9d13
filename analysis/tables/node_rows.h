/* The rows of nodes.csv: what each node did in its counted steps, as medians, and the tensors that
 * are nodes of the graph. */
#ifndef ANALYSIS_TABLES_NODE_ROWS_H
#define ANALYSIS_TABLES_NODE_ROWS_H

#include "account/account.h"

enum time_source {
    TIME_SOURCE_CUPTI,
    TIME_SOURCE_EVENT,
    TIME_SOURCE_HOST,
    TIME_SOURCE_NONE
};

static inline bool time_source_is_gpu(enum time_source source)
{
    return source == TIME_SOURCE_CUPTI || source == TIME_SOURCE_EVENT;
}

struct node_row {
    int64_t rank; /* -1: made before the first counted step */
    const char *name;
    enum gtype gtype;
    const char *node_type;
    const char *op;
    uint64_t steps;
    uint64_t calls_per_step;
    uint64_t run_ns; /* median */
    uint64_t mad_run_ns;
    uint64_t whole_run_ns; /* on the GPU, with its children's; median */
    enum time_source time_source;
    uint64_t active_before;
    uint64_t active_after;
    uint64_t peak;
    uint64_t size;
    uint64_t mad_active;
    uint64_t by_role[GP_ROLE_COUNT]; /* adds up to `peak` */
};

struct node_rows {
    struct node_row *rows; /* ops by rank, then tensors */
    size_t n_rows;
    size_t n_ops;
    size_t capacity;
    int64_t *ranks;            /* by node: -1 where it has no row */
    struct node_place *places; /* of those that have, in the reference step */
    size_t n_places;
};

/*
 * A node that only holds other nodes (a phase) has no row; the time between its children is added
 * to that of (no range), so that times still add up to the step's.
 */
void node_rows_of_ops(struct node_rows *rows, struct account *account);

/* Parameters, gradients and optimizer states on the device. `order`: of the tensors, [n]. */
void node_rows_of_tensors(struct node_rows *rows, const struct account *account,
                          const uint32_t *order);

/* How far the reference step is at a moment (node_steps.h): the rank of the node that has come last
   to the call in which it stands in the order; -1 for moment 0. */
int64_t node_rows_at(const struct node_rows *rows, uint64_t moment);

/* That of the tensor's making, or the rank of its producer; -1: not made in a step. */
int64_t node_rows_made_at(const struct node_rows *rows, const struct tensor *tensor);

void node_rows_free(struct node_rows *rows);

#endif
