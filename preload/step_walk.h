/*
 * The recorder reads what it has written of a step once the step is over: where its range begins
 * and ends, which of its allocations and frees are like those of another step, and whether anything
 * in it keeps it from being taken back (step_fold.h). It keeps no copy of the step. One thread at a
 * time.
 */
#ifndef GRAPHPROF_STEP_WALK_H
#define GRAPHPROF_STEP_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "graphprof/capture_format.h"

enum gp_step_range {
    GP_RANGE_NOT_BEGUN,
    GP_RANGE_OPEN,
    GP_RANGE_OVER
};

struct gp_step_walk {
    uint64_t from; /* byte offsets in the capture */
    uint64_t at;
    uint64_t records;         /* from `from` to `at` */
    uint32_t thread;          /* the step's */
    uint64_t begin_thread_ns; /* time of that thread's last record before `from` */
    uint64_t ns;              /* and before `at` */
    bool odd;                 /* there is something in it that is not understood */

    enum gp_step_range range;
    bool started; /* rather than pushed */
    uint64_t id;  /* of a started range */
    uint32_t name;
    uint32_t domain;
    uint32_t depth; /* ranges open in its domain */
    uint64_t begin_at, end_at;
    uint64_t begin_ns, end_ns;
    uint32_t n_inside; /* ALLOC, FREE and FREE_FAILED up to its end, and behind it */
    uint32_t n_behind;

    uint64_t peak;   /* most that was live */
    bool repeatable; /* a step with the same `shape` did the same to the ledger */
};

/* What the step was. */
struct gp_step_signs {
    /* Functions, sizes and devices of what was allocated and freed, in the order of each thread;
       the same whatever the addresses and which thread it was. */
    uint64_t like;
    /* The same with streams and threads, and with which allocation each free belongs to: equal in
       two steps only if they differ in nothing but addresses. */
    uint64_t shape;
    uint64_t addresses; /* of the blocks in outer_blocks.h */
};

/* Begins a step of that thread, whose last record's end is `from` and time `ns`. */
void gp_step_walk_begin(struct gp_step_walk *walk, uint64_t from, uint32_t thread, uint64_t ns);

/* Reads on to `end`, or to the first record that is not written yet: false then. */
bool gp_step_walk_to(struct gp_step_walk *walk, const unsigned char *base, uint64_t end);

/* Once it is read. */
struct gp_step_signs gp_step_walk_signs(void);

/* Whether the ranges of a thread began and ended inside the step. */
bool gp_step_walk_balanced(uint32_t thread);

/* The threads that wrote it. */
unsigned gp_step_walk_threads(const uint16_t **indexes);

#endif
