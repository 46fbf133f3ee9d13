/*
 * The phases of calls in a step without ranges. A name that says forward or backward, or a kernel
 * named after an optimizer, decides for its call. For the others:
 *
 * - optimizer: a call that changes in place what was there before the step and what a call of the
 *   step has read before anything wrote it (weights); a kernel only if it comes behind the last
 *   call whose name says backward;
 * - backward begins at the first call whose name says so, or that first writes what the optimizer
 *   reads besides (a gradient), and ends where the optimizer begins;
 * - forward is what comes before it;
 * - between the optimizer's calls: optimizer.
 *
 * Where none of that tells: other.
 */
#ifndef ANALYSIS_REPLAY_CALL_PHASES_H
#define ANALYSIS_REPLAY_CALL_PHASES_H

#include "replay/call_kinds.h"

/* A call of a step, in order, over all threads. */
struct call_seen {
    uint64_t offset; /* of its record */
    uint32_t thread;
    uint32_t node;    /* NODES_ROOT: none, as its thread has ranges */
    uint64_t after;   /* where its node begins: call_nodes.h */
    enum gtype gtype; /* filled here */
};

struct call_address;

struct call_phases {
    struct call_address *addresses; /* what the step did with each */
};

/* Fills gtype of calls[0..n), all the calls that compute in the capture's bytes begin..end. */
void call_phases_tell(struct call_phases *phases, const struct facts *facts,
                      const struct capture *capture, uint64_t begin, uint64_t end,
                      struct call_seen *calls, size_t n);

#endif
