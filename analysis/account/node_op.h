/* What a node's calls say of it: what it is called after in the column `op` (of its calls, the one
   that says most), and what it puts out. */
#ifndef ANALYSIS_ACCOUNT_NODE_OP_H
#define ANALYSIS_ACCOUNT_NODE_OP_H

#include "account/node_steps.h"
#include "replay/replay.h"

void node_op_note(struct node_account *of, const struct replay_call *call);

/* Whether the call writes an output of the node at its operand. */
bool node_op_has_output(const struct replay_call *call, uint32_t operand);

#endif
