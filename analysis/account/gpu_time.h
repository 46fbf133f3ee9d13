/*
 * Time on the GPU, from the records that CUPTI made in timed steps: which step and node each piece
 * of work belongs to, and what each node took in each step. A step is settled when its work is in:
 * at the end, or when GPU_STEPS_OPEN later ones have begun. What comes in after that is late.
 *
 * A timed step counts if it has records for all its kernel launches but one in a hundred: of the
 * last steps of a program that was killed, records are missing.
 */
#ifndef ANALYSIS_ACCOUNT_GPU_TIME_H
#define ANALYSIS_ACCOUNT_GPU_TIME_H

#include "account/gpu_busy.h"
#include "account/gpu_launches.h"
#include "account/node_steps.h"
#include "graphprof/capture_format.h"
#include "replay/graphs.h"
#include "replay/steps.h"

#define GPU_STEPS_OPEN 64

/* A step whose work is still coming in. */
struct gpu_open_step {
    uint32_t step;
    uint64_t launches; /* of kernels */
    uint64_t ran;      /* of them: with a record */
    struct gpu_work *work;
    size_t n_work;
    size_t capacity;
};

/* A settled step that counts. */
struct gpu_step {
    uint32_t step;
    uint64_t busy_ns;
    uint64_t sum_ns;
};

struct gpu_kernel_sample {
    uint32_t calls;
    uint64_t ns;
};

/* The kernels (or copies, or fills) of one name in one node. */
struct gpu_kernel;

/* Pieces of work, and the sum of their times. */
struct gpu_tally {
    uint64_t n;
    uint64_t ns;
};

struct gpu_time {
    const struct strings *strings;
    const struct steps *capture_steps;
    struct node_steps *node_steps;
    struct gpu_launches launches;
    struct gpu_busy busy;
    struct gpu_open_step open[GPU_STEPS_OPEN]; /* in order of their begin */
    size_t n_open;

    bool *counts; /* by step: it was timed, settled and whole */
    struct gpu_step *steps;
    size_t n_steps;
    size_t capacity;
    struct gpu_kernel *kernels; /* hashed by node and name */

    /* All records are in one of these. */
    struct gpu_tally in_steps;  /* placed in a node of a timed step */
    struct gpu_tally outside;   /* submitted outside timed steps */
    struct gpu_tally unmatched; /* submitted nobody knows where */
    struct gpu_tally late;
    uint64_t lost;       /* records that CUPTI says it dropped, or that had no times */
    uint64_t not_run;    /* kernel launches of settled steps without a record */
    uint64_t incomplete; /* settled steps that do not count for that */
};

/* Before the replay; `nodes` has all nodes already. */
void gpu_time_init(struct gpu_time *gpu, const struct steps *steps, const struct nodes *nodes,
                   struct node_steps *node_steps, const struct strings *strings);

/* Work is submitted with `node` innermost; `step` SIZE_MAX: outside steps. */
void gpu_time_submitted(struct gpu_time *gpu, size_t step, uint32_t node,
                        const struct gp_record_correlation *record);
/* It was captured: nothing will come of that number. */
void gpu_time_captured(struct gpu_time *gpu, uint32_t correlation);
/* `graph_node`: where work that a graph launched was captured; GRAPHS_NO_NODE or the root: the time
   is the launch's own. */
void gpu_time_ran(struct gpu_time *gpu, const struct gp_record_kernel *record, uint32_t graph_node);

/* The capture has ended: all steps are settled. */
void gpu_time_finish(struct gpu_time *gpu);

void gpu_time_free(struct gpu_time *gpu);

/* Medians over the steps that count; a step without such a kernel counts as 0. */
struct gpu_kernel_row {
    uint32_t node;
    const char *name;
    uint64_t calls;
    uint64_t ns;
    uint64_t mad_ns;
};

/* Every kernel of every node, by node and then the longest first. To be freed; *n their number. */
struct gpu_kernel_row *gpu_time_kernels(const struct gpu_time *gpu, size_t *n);

#endif
