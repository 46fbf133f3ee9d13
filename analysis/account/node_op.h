/* What a node is called after in the column `op`: of its calls, the one that says most. */
#ifndef ANALYSIS_ACCOUNT_NODE_OP_H
#define ANALYSIS_ACCOUNT_NODE_OP_H

#include "account/node_steps.h"
#include "replay/replay.h"

void node_op_note(struct node_account *of, const struct replay_call *call);

#endif
