#include "roles/pair_states.h"

#include "roles/evidence.h"

#define OPERANDS_MAX 1024u

static struct evidence *evidence_of(struct allocation *allocation)
{
    return (struct evidence *)(void *)allocation->payload;
}

/* Used by the optimizer alone until now. */
static bool like_state(const struct evidence *evidence)
{
    return !evidence->uses[GTYPE_FORWARD] && !evidence->uses[GTYPE_BACKWARD] && !evidence->strong;
}

struct operands {
    struct allocation *parameters[OPERANDS_MAX];
    struct allocation *states[OPERANDS_MAX];
    size_t n_parameters;
    size_t n_states;
};

static void sort_operands(const struct ledger *ledger, const struct replay_call *call,
                          struct operands *sorted)
{
    for (uint32_t i = 0; i < call->n_operands && i < OPERANDS_MAX; i++) {
        struct allocation *held = ledger_holding(ledger, call->operands[i]);
        if (!held || !facts_is_device_space(held->space))
            continue;
        if (evidence_like_parameter(evidence_of(held)))
            sorted->parameters[sorted->n_parameters++] = held;
        else if (like_state(evidence_of(held)))
            sorted->states[sorted->n_states++] = held;
    }
}

/* The parameter of state i, in one order or the other. */
static struct allocation *parameter_of(const struct operands *sorted, size_t i, bool interleaved)
{
    size_t each = sorted->n_states / sorted->n_parameters;
    return sorted->parameters[interleaved ? i / each : i % sorted->n_parameters];
}

static bool sizes_match(const struct operands *sorted, bool interleaved)
{
    for (size_t i = 0; i < sorted->n_states; i++)
        if (parameter_of(sorted, i, interleaved)->bytes != sorted->states[i]->bytes)
            return false;
    return true;
}

void pair_states(const struct ledger *ledger, const struct replay_call *call)
{
    struct operands sorted;
    sorted.n_parameters = 0;
    sorted.n_states = 0;
    sort_operands(ledger, call, &sorted);
    if (!sorted.n_parameters || !sorted.n_states || sorted.n_states % sorted.n_parameters)
        return;
    bool interleaved = !sizes_match(&sorted, false);
    if (interleaved && !sizes_match(&sorted, true))
        return;
    for (size_t i = 0; i < sorted.n_states; i++) {
        struct evidence *state = evidence_of(sorted.states[i]);
        if (state->has_parameter)
            continue;
        state->has_parameter = true;
        state->parameter = tensor_id_of(parameter_of(&sorted, i, interleaved));
    }
}
