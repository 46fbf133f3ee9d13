/* Which optimizer state belongs to which parameter, for the states' names. */
#ifndef ANALYSIS_ROLES_PAIR_STATES_H
#define ANALYSIS_ROLES_PAIR_STATES_H

#include "replay/replay.h"

/*
 * A call of the optimizer's, whose operands are parameters, gradients and states, one of each or
 * many (multi-tensor): notes with each state its parameter. The n parameters p and the states m, v
 * of a call come as p0 p1 .. m0 m1 .. v0 v1 .. or as p0 m0 v0 p1 m1 v1 ..: the order that gives
 * every state a parameter of its own size is taken, else none. The ledger's payload is struct
 * evidence.
 */
void pair_states(const struct ledger *ledger, const struct replay_call *call);

#endif
