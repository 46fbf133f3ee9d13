#include "roles/identify.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "roles/mark.h"
#include "roles/pair_states.h"

#define LIBRARY_WAITING_MAX 1024u

static struct evidence *evidence_of(struct allocation *allocation)
{
    return (struct evidence *)(void *)allocation->payload;
}

static struct device_peaks *device_of(struct identify *identify, unsigned device)
{
    struct device_peaks *of = &identify->devices[device];
    if (!of->used) {
        of->used = true;
        of->steps = memory_zeroed(identify->replay.steps->n_steps, sizeof *of->steps);
    }
    return of;
}

static void raise_to(struct peak *peak, uint64_t bytes, uint64_t moment, uint32_t node)
{
    if (peak->seen && bytes <= peak->bytes)
        return;
    *peak = (struct peak){bytes, moment, node, true};
}

/* Live bytes have grown by what has entered. */
static void count_live(struct identify *identify, const struct allocation *allocation)
{
    const struct replay *replay = &identify->replay;
    if (allocation->space == GP_SPACE_HOST) {
        identify->host_live += allocation->bytes;
        if (identify->host_live > identify->host_peak)
            identify->host_peak = identify->host_live;
        return;
    }
    if (!facts_is_device_space(allocation->space))
        return;
    struct device_peaks *device = device_of(identify, allocation->device);
    device->live += allocation->bytes;
    if (allocation->space == GP_SPACE_POOL) {
        device->pool_live += allocation->bytes;
        if (device->pool_live > device->pool_peak)
            device->pool_peak = device->pool_live;
    }
    uint64_t serial;
    uint32_t node = replay_node(replay, replay->thread, &serial);
    raise_to(&device->whole, device->live, replay->moment, node);
    if (replay->step != REPLAY_NO_STEP)
        raise_to(&device->steps[replay->step], device->live, replay->moment, node);
}

static void on_entered(void *context, struct allocation *allocation)
{
    struct identify *identify = context;
    evidence_init(evidence_of(allocation));
    identify->allocations++;
    count_live(identify, allocation);
    if (allocation->library && identify->n_library < LIBRARY_WAITING_MAX) {
        ARRAY_RESERVE(identify->library, identify->library_capacity, identify->n_library + 1);
        identify->library[identify->n_library++] =
            (struct library_memory){identify->replay.thread, allocation->address};
    }
}

static void on_restored(void *context, struct allocation *allocation)
{
    count_live(context, allocation);
}

static void on_left(void *context, struct allocation *allocation)
{
    struct identify *identify = context;
    if (allocation->space == GP_SPACE_HOST)
        identify->host_live -= allocation->bytes;
    else if (facts_is_device_space(allocation->space)) {
        struct device_peaks *device = device_of(identify, allocation->device);
        device->live -= allocation->bytes;
        if (allocation->space == GP_SPACE_POOL)
            device->pool_live -= allocation->bytes;
    }
}

static void on_segment_entered(void *context, struct allocation *segment)
{
    struct device_peaks *device = device_of(context, segment->device);
    device->segments_live += segment->bytes;
    if (device->segments_live > device->segments_peak)
        device->segments_peak = device->segments_live;
}

static void on_segment_left(void *context, struct allocation *segment)
{
    device_of(context, segment->device)->segments_live -= segment->bytes;
}

static void on_retired(void *context, struct allocation *allocation)
{
    struct identify *identify = context;
    if (facts_is_device_space(allocation->space))
        tensors_retire(identify->tensors, identify->replay.steps, identify->replay.nodes,
                       allocation, evidence_of(allocation));
}

static void on_step_began(void *context)
{
    struct identify *identify = context;
    for (unsigned i = 0; i < FACTS_DEVICES_MAX; i++)
        if (identify->devices[i].used)
            raise_to(&identify->devices[i].steps[identify->replay.step], identify->devices[i].live,
                     0, NODES_ROOT);
}

static bool is_device_memory(const struct allocation *allocation)
{
    return allocation && facts_is_device_space(allocation->space);
}

/* Copies: operand 0 is written, operand 1, if there is one, is read. */
static bool copies_from_host(const struct identify *identify, const struct replay_call *call)
{
    return call->api->class_id == GP_CLASS_COPY && call->n_operands >= 2 &&
           call->operands[1] != 0 &&
           !is_device_memory(ledger_holding(&identify->replay.ledger, call->operands[1]));
}

/* The mode, role and name of operand i, as the API's record has them; else a kernel's parameter. */
static struct gp_record_api_operand operand_of(const struct replay_call *call, uint32_t i)
{
    if (i < call->api->n_operands)
        return call->api->operands[i];
    return (struct gp_record_api_operand){.mode = GP_MODE_TOUCH, .role = GP_ROLE_ANY};
}

static enum evidence_worth worth_of(const struct replay *replay, uint32_t node,
                                    const struct replay_call *call)
{
    if (node == NODES_ROOT && replay->step == REPLAY_NO_STEP)
        return EVIDENCE_OUTSIDE;
    switch (call->api->class_id) {
    case GP_CLASS_COMPUTE:
        return EVIDENCE_COMPUTED;
    case GP_CLASS_COPY:
        return EVIDENCE_COPIED;
    default:
        return EVIDENCE_LAUNCHED;
    }
}

/* What libraries took in this call is named after it. */
static void name_library_memory(struct identify *identify, uint32_t node,
                                const struct replay_call *call)
{
    size_t kept = 0;
    for (size_t i = 0; i < identify->n_library; i++) {
        const struct library_memory *taken = &identify->library[i];
        if (taken->thread != identify->replay.thread) {
            identify->library[kept++] = *taken;
            continue;
        }
        struct allocation *held = ledger_at(&identify->replay.ledger, taken->address);
        if (held && held->library)
            evidence_of(held)->by_role[GP_ROLE_LIBRARY] =
                (struct evidence_use){node, call->api->name, EVIDENCE_COMPUTED};
    }
    identify->n_library = kept;
}

static void on_called(void *context, uint32_t node, const struct replay_call *call)
{
    struct identify *identify = context;
    struct replay *replay = &identify->replay;
    if (identify->n_library)
        name_library_memory(identify, node, call);
    struct node *in = &replay->nodes->nodes[node];
    if (call->api->class_id == GP_CLASS_COMPUTE && in->called == GTYPE_OTHER && call->api->known)
        in->called = replay->api_gtypes[call->api_number];
    enum gtype phase = replay_phase(replay, node, call);

    bool from_host = copies_from_host(identify, call);
    for (uint32_t i = 0; i < call->n_operands; i++) {
        struct allocation *held = ledger_holding(&replay->ledger, call->operands[i]);
        if (!is_device_memory(held))
            continue;
        struct gp_record_api_operand operand = operand_of(call, i);
        bool forward_grad = operand.role == GP_ROLE_ACTIVATION_GRAD &&
                            in->gtype == GTYPE_FORWARD; /* as in a transposed convolution */
        evidence_operand(evidence_of(held), phase, operand.mode,
                         forward_grad ? GP_ROLE_ACTIVATION : operand.role,
                         call->operands[i] - held->address,
                         (struct evidence_use){node, operand.name, worth_of(replay, node, call)});
        if (from_host && i == 0)
            evidence_of(held)->from_host = true;
    }
    if (phase == GTYPE_OPTIMIZER)
        pair_states(&replay->ledger, call);
}

static void on_marked(void *context, const char *text)
{
    struct identify *identify = context;
    struct mark mark;
    switch (mark_parse(text, &mark)) {
    case MARK_NOT_OURS:
        return;
    case MARK_BAD:
        identify->bad_marks++;
        return;
    case MARK_TENSOR:
        break;
    }
    struct allocation *held = ledger_holding(&identify->replay.ledger, mark.address);
    if (!is_device_memory(held)) {
        identify->bad_marks++;
        return;
    }
    evidence_of(held)->marked = true;
    evidence_of(held)->mark_role = (uint8_t)mark.role;
    evidence_of(held)->mark_name = mark.name;
}

static const struct replay_visitor visitor = {
    .entered = on_entered,
    .left = on_left,
    .restored = on_restored,
    .segment_entered = on_segment_entered,
    .segment_left = on_segment_left,
    .retired = on_retired,
    .step_began = on_step_began,
    .called = on_called,
    .marked = on_marked,
};

void identify_run(struct identify *identify, struct tensors *tensors)
{
    identify->tensors = tensors;
    identify->replay.visitor = &visitor;
    identify->replay.context = identify;
    replay_run(&identify->replay, sizeof(struct evidence));
}

void identify_free(struct identify *identify)
{
    replay_free(&identify->replay);
    for (unsigned i = 0; i < FACTS_DEVICES_MAX; i++)
        free(identify->devices[i].steps);
    free(identify->library);
    memset(identify, 0, sizeof *identify);
}
