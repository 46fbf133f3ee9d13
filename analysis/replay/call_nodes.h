/*
 * Nodes of steps that have no ranges: each call that computes (cuDNN, cuBLAS, a launch) is one,
 * named after the function or kernel and its occurrence in the step, as cudnnConvolutionForward.2.
 *
 * What stands between two of a thread's calls belongs to the next one if it prepares it, and so
 * does all that follows: an allocation, a copy to the device, a fill. What comes before that
 * belongs to the call before: frees, copies to the host, synchronisation, whatever else. What comes
 * before a thread's first call is the first's, what comes behind its last is the last's. Host time
 * between two records is the node's that the second one belongs to, as everywhere.
 *
 * In the step's own thread the nodes fill the step; in others each lasts until the next begins, the
 * last up to its last record. Threads that have ranges of their own keep those.
 *
 * The step is read ahead when it begins, so memory is bounded by the calls of one step.
 */
#ifndef ANALYSIS_REPLAY_CALL_NODES_H
#define ANALYSIS_REPLAY_CALL_NODES_H

#include <stddef.h>
#include <stdint.h>

#include "replay/call_phases.h"

struct replay;

/* Behind the record at `after` the thread is in that node; NODES_ROOT: in none. */
struct call_switch {
    uint64_t after;
    uint32_t thread;
    uint32_t node;
};

struct call_name;
struct call_name_id;

struct call_nodes {
    struct call_switch *switches; /* in order */
    size_t n_switches;
    size_t capacity;
    size_t next;
    struct call_seen *calls; /* of the step that is planned, in order */
    size_t n_calls;
    size_t calls_capacity;
    struct call_thread *threads; /* by index, while planning */
    size_t threads_capacity;
    struct call_name *names; /* by text */
    struct call_name_id *ids;
    struct call_phases phases;
    uint64_t plans;
};

/* The current step has begun. Nothing is planned if it has ranges, be it those of a graph that it
   launches, or is not complete. */
void call_nodes_plan(struct call_nodes *calls, struct replay *replay);

/* The next switch that is due behind the record at `offset`, or NULL. */
const struct call_switch *call_nodes_next(struct call_nodes *calls, uint64_t offset);

/* The step has ended. */
void call_nodes_clear(struct call_nodes *calls);

void call_nodes_free(struct call_nodes *calls);

#endif
