#include "account/node_op.h"

#include "graphprof/capture_format.h"

void node_op_note(struct node_account *of, const struct replay_call *call)
{
    enum node_op_kind kind = NODE_OP_NONE;
    uint32_t op = call->api->name;
    if (call->api->class_id == GP_CLASS_COMPUTE) {
        kind = NODE_OP_COMPUTE;
    } else if (call->api->class_id == GP_CLASS_LAUNCH) {
        kind = NODE_OP_KERNEL;
        op = call->aux ? call->aux : op;
    } else if (call->api->class_id == GP_CLASS_COPY) {
        kind = NODE_OP_COPY;
    }
    if (kind <= of->op_kind)
        return;
    of->op_kind = kind;
    of->op = op;
}

bool node_op_has_output(const struct replay_call *call, uint32_t operand)
{
    if (call->api->class_id != GP_CLASS_COMPUTE || operand >= call->api->n_operands)
        return false;
    const struct gp_record_api_operand *of = &call->api->operands[operand];
    return of->mode == GP_MODE_WRITE &&
           (of->role == GP_ROLE_ACTIVATION || of->role == GP_ROLE_ACTIVATION_GRAD ||
            of->role == GP_ROLE_GRADIENT);
}
