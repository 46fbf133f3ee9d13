#include "account/account.h"

#include <stdlib.h>
#include <string.h>

#include "account/balance.h"
#include "account/node_op.h"
#include "base/array.h"
#include "graphprof/capture_format.h"

/* What the second pass keeps with each live allocation. */
struct booked {
    uint32_t tensor;
    uint32_t role;
    uint64_t out_serial; /* the node's call whose outputs it is counted among; 0 none */
};

static struct booked *booked_of(struct allocation *allocation)
{
    return (struct booked *)(void *)allocation->payload;
}

static bool in_reference_step(const struct account *account)
{
    return account->replay.step == account->reference_step;
}

/* Where a live allocation's life in the reference step is told; NULL in others, and if it is not
 * kept. */
static struct tensor_uses *uses_now(struct account *account, struct allocation *allocation)
{
    const uint32_t tensor = booked_of(allocation)->tensor;
    return in_reference_step(account) && tensor != TENSOR_NONE
               ? &account->tensors->tensors[tensor].uses
               : NULL;
}

/* The step that is open, or NULL. */
static const struct step *step_now(const struct account *account)
{
    const struct replay *replay = &account->replay;
    return replay->step != REPLAY_NO_STEP ? &replay->steps->steps[replay->step] : NULL;
}

static void book(struct account *account, struct allocation *allocation)
{
    uint64_t *node = &account->made_live[allocation->made.node];
    account->made_live_sum -= *node;
    *node += allocation->bytes;
    account->made_live_sum += *node;
    account->by_role[booked_of(allocation)->role] += allocation->bytes;
    account->live += allocation->bytes;
    books_enter(&account->books, allocation);
    const struct step *step = step_now(account);
    if (step && step->probed)
        books_level(&account->books, account->live);
    balance_check(account);
}

static void unbook(struct account *account, struct allocation *allocation)
{
    uint64_t *node = &account->made_live[allocation->made.node];
    account->made_live_sum -= *node;
    *node -= allocation->bytes;
    account->made_live_sum += *node;
    account->by_role[booked_of(allocation)->role] -= allocation->bytes;
    account->live -= allocation->bytes;
    books_leave(&account->books, allocation);
    balance_check(account);
}

/* Where the outputs of the thread's innermost node are summed up, or NULL outside counted steps. */
static uint64_t *out_bytes(struct account *account, uint32_t node)
{
    if (!account->counts_step)
        return NULL;
    struct range *range = replay_range(&account->replay, account->replay.thread);
    return range                ? &range->out_bytes
           : node == NODES_ROOT ? &account->nodes.nodes[NODES_ROOT].now.out_bytes
                                : NULL;
}

/* Tells calls of a node apart in counted steps. Outside of ranges the step is one, in any thread.
 */
static uint64_t call_serial(const struct account *account, uint32_t node, uint64_t serial)
{
    return node == NODES_ROOT ? UINT64_MAX - account->replay.step : serial;
}

/* The new level is a level of whatever is innermost, in the event's thread and in the others. */
static void tell_level(struct account *account, uint32_t node)
{
    struct replay *replay = &account->replay;
    if (!account->counts_step)
        return;
    node_steps_level(&account->nodes, node, account->live, account->by_role);
    for (uint32_t t = 0; t < replay->threads.n_threads; t++) {
        const struct range *range = t == replay->thread ? NULL : replay_range(replay, t);
        if (range)
            node_steps_level(&account->nodes, range->node, account->live, account->by_role);
    }
}

static void mark_live_at_peak(void *context, struct allocation *allocation)
{
    struct account *account = context;
    if (!account_counts(account, allocation))
        return;
    const struct booked *booked = booked_of(allocation);
    enum role_source source = ROLE_SOURCE_NONE;
    if (booked->tensor != TENSOR_NONE) {
        struct tensor *tensor = &account->tensors->tensors[booked->tensor];
        tensor->uses.live_at_peak = true;
        source = tensor->role_source;
        if (tensor->life == TENSOR_PERSISTENT)
            account->peak.persistent += allocation->bytes;
    }
    account->peak.by_role[booked->role] += allocation->bytes;
    account->peak.by_source[source] += allocation->bytes;
    account->peak.bytes += allocation->bytes;
}

static void look_at_peak(struct account *account, uint64_t moment)
{
    if (account->peak.reached || !in_reference_step(account) ||
        account->reference_peak->moment != moment)
        return;
    account->peak.reached = true;
    ledger_each(&account->replay.ledger, mark_live_at_peak, account);
}

static void on_entered(void *context, struct allocation *allocation)
{
    struct account *account = context;
    struct booked *booked = booked_of(allocation);
    booked->tensor = tensors_of(account->tensors, allocation);
    booked->role = booked->tensor != TENSOR_NONE ? account->tensors->roles[booked->tensor]
                   : allocation->library         ? (uint32_t)GP_ROLE_LIBRARY
                                                 : (uint32_t)GP_ROLE_OTHER;
    if (!account_counts(account, allocation))
        return;
    book(account, allocation);
    uint32_t node = allocation->made.node;
    uint64_t *out = out_bytes(account, node);
    if (out) {
        *out += allocation->bytes;
        booked->out_serial = call_serial(account, node, allocation->made.serial);
    }
    tell_level(account, node);
    if (account->counts_step)
        node_steps_worked(&account->nodes, node);
    struct tensor_uses *uses = uses_now(account, allocation);
    if (uses)
        uses->made = account->nodes.moment;
    look_at_peak(account, account->replay.moment);
}

static void on_restored(void *context, struct allocation *allocation)
{
    struct account *account = context;
    if (!account_counts(account, allocation))
        return;
    book(account, allocation);
    uint64_t serial;
    tell_level(account, replay_node(&account->replay, account->replay.thread, &serial));
    look_at_peak(account, account->replay.moment);
}

static void on_left(void *context, struct allocation *allocation)
{
    struct account *account = context;
    if (!account_counts(account, allocation))
        return;
    unbook(account, allocation);
    struct booked *booked = booked_of(allocation);
    uint32_t node = allocation->freed.node;
    uint64_t *out = out_bytes(account, node);
    if (out && booked->out_serial == call_serial(account, node, allocation->freed.serial)) {
        *out -= allocation->bytes;
        booked->out_serial = 0;
    }
    if (!account->counts_step)
        return;
    node_steps_level(&account->nodes, node, account->live, account->by_role);
    node_steps_worked(&account->nodes, node);
    struct tensor_uses *uses = uses_now(account, allocation);
    if (uses)
        uses->freed = account->nodes.moment;
}

static void on_segment_entered(void *context, struct allocation *segment)
{
    struct account *account = context;
    if (account_counts(account, segment))
        books_enter_segment(&account->books, segment);
}

static void on_segment_left(void *context, struct allocation *segment)
{
    struct account *account = context;
    if (account_counts(account, segment))
        books_leave_segment(&account->books, segment);
}

static void on_step_began(void *context)
{
    struct account *account = context;
    account->counts_step = account->replay.steps->steps[account->replay.step].counted;
    if (!account->counts_step)
        return;
    node_steps_begin(&account->nodes, NODES_ROOT, account->live, account->by_role);
    look_at_peak(account, 0);
}

static void on_step_ended(void *context)
{
    struct account *account = context;
    balance_check_whole(account);
    if (!account->counts_step)
        return;
    node_steps_level(&account->nodes, NODES_ROOT, account->live, account->by_role);
    node_steps_end(&account->nodes, (uint32_t)account->replay.step, in_reference_step(account));
    account->counts_step = false;
}

static void on_node_began(void *context, struct range *range)
{
    struct account *account = context;
    uint32_t parent = account->replay.nodes->nodes[range->node].parent;
    account->nodes.nodes[parent].has_children = true;
    if (!account->counts_step)
        return;
    node_steps_begin(&account->nodes, range->node, account->live, account->by_role);
    range->out_bytes = 0;
}

static void on_node_ended(void *context, struct range *range)
{
    struct account *account = context;
    if (!account->counts_step)
        return;
    node_steps_level(&account->nodes, range->node, account->live, account->by_role);
    account->nodes.nodes[range->node].now.out_bytes += range->out_bytes;
    node_steps_resume(&account->nodes, account->replay.nodes->nodes[range->node].parent,
                      account->live);
}

static void on_spent(void *context, uint32_t thread, uint32_t node, uint64_t ns)
{
    struct account *account = context;
    (void)thread;
    if (account->counts_step)
        account->nodes.nodes[node].now_ns += ns;
}

/* An output that was allocated elsewhere counts once a call of the node, if it is written whole. */
static void note_output(struct account *account, uint32_t node, const struct replay_call *call,
                        uint32_t operand, struct allocation *held)
{
    if (!account_counts(account, held) || call->operands[operand] != held->address)
        return;
    uint64_t *out = out_bytes(account, node);
    const uint64_t serial = call_serial(account, node, call->serial);
    if (!out || booked_of(held)->out_serial == serial)
        return;
    *out += held->bytes;
    booked_of(held)->out_serial = serial;
}

static void on_called(void *context, uint32_t node, const struct replay_call *call)
{
    struct account *account = context;
    if (!account->counts_step)
        return;
    node_steps_worked(&account->nodes, node);
    node_op_note(&account->nodes.nodes[node], call);
    const bool in_reference = in_reference_step(account);
    const enum gtype phase = replay_phase(&account->replay, node, call);
    for (uint32_t i = 0; i < call->n_operands; i++) {
        const bool output = node_op_has_output(call, i);
        if (!output && !in_reference)
            continue;
        struct allocation *held = ledger_holding(&account->replay.ledger, call->operands[i]);
        if (!held || !facts_is_device_space(held->space))
            continue;
        if (output)
            note_output(account, node, call, i, held);
        struct tensor_uses *uses = uses_now(account, held);
        if (uses)
            tensor_used(uses, phase, account->nodes.moment, call->ns);
    }
}

static void on_submitted(void *context, uint32_t node, const struct gp_record_correlation *record)
{
    struct account *account = context;
    if (account->counts_step)
        node_steps_worked(&account->nodes, node);
    gpu_time_submitted(&account->gpu, account->replay.step, node, record);
}

static void on_ran(void *context, const struct gp_record_kernel *record, uint32_t graph_node)
{
    gpu_time_ran(&((struct account *)context)->gpu, record, graph_node);
}

static void on_captured(void *context, uint32_t correlation)
{
    gpu_time_captured(&((struct account *)context)->gpu, correlation);
}

static void on_lost(void *context, uint64_t records)
{
    struct account *account = context;
    account->gpu.lost += records;
}

static void on_sampled(void *context, const struct gp_record_device_sample *sample)
{
    struct account *account = context;
    const struct replay *replay = &account->replay;
    const struct step *step = step_now(account);
    const struct books_ledger now = {
        .live = account->live,
        .by_role = account->by_role,
        .step = step || !replay->next_step ? replay->step : replay->next_step - 1,
        .in_timed_step = step && step->timed && !facts_timed_by_events(replay->facts),
    };
    if (sample->device == account->device)
        books_sample(&account->books, sample, &now);
}

static const struct replay_visitor visitor = {
    .entered = on_entered,
    .left = on_left,
    .restored = on_restored,
    .segment_entered = on_segment_entered,
    .segment_left = on_segment_left,
    .step_began = on_step_began,
    .step_ended = on_step_ended,
    .node_began = on_node_began,
    .node_ended = on_node_ended,
    .spent = on_spent,
    .called = on_called,
    .submitted = on_submitted,
    .ran = on_ran,
    .captured = on_captured,
    .lost = on_lost,
    .sampled = on_sampled,
};

void account_run(struct account *account)
{
    size_t n_nodes = account->replay.nodes->n_nodes;
    node_steps_init(&account->nodes, n_nodes);
    account->made_live = memory_zeroed(n_nodes, sizeof *account->made_live);
    account->replay.visitor = &visitor;
    account->replay.context = account;
    gpu_time_init(&account->gpu, account->replay.steps, account->replay.nodes, &account->nodes,
                  &account->replay.facts->strings);
    books_init(&account->books,
               facts_is_softgpu(account->replay.facts, account->device) ? 1 : BLOCKS_BYTES);
    replay_run(&account->replay, sizeof(struct booked));
    gpu_time_finish(&account->gpu);
    node_steps_settle_order(&account->nodes);
    balance_check_whole(account);
}

void account_free(struct account *account)
{
    replay_free(&account->replay);
    gpu_time_free(&account->gpu);
    books_free(&account->books);
    node_steps_free(&account->nodes);
    free(account->made_live);
    memset(account, 0, sizeof *account);
}
