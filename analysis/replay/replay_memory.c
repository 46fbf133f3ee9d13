#include "replay/replay_memory.h"

#include "base/array.h"
#include "replay/replay_graphs.h"

#define TELL(replay, event, allocation)                                                            \
    do {                                                                                           \
        if ((replay)->visitor->event)                                                              \
            (replay)->visitor->event((replay)->context, allocation);                               \
    } while (0)

static struct moment now(const struct replay *replay)
{
    struct moment moment;
    bool in_step = replay->step != REPLAY_NO_STEP;
    moment.period = (uint32_t)(in_step ? 2 * replay->step + 1 : 2 * replay->next_step);
    moment.node = replay_node(replay, replay->thread, &moment.serial);
    return moment;
}

static enum when when_of(const struct replay *replay)
{
    if (replay->step != REPLAY_NO_STEP)
        return replay->steps->steps[replay->step].detailed ? WHEN_STEP : WHEN_UNDETAILED;
    return replay->next_step ? WHEN_BETWEEN : WHEN_BEFORE;
}

/* How many allocations the node made before in this period. */
static uint32_t next_ordinal(struct replay *replay, const struct moment *made)
{
    size_t need = (size_t)made->node + 1;
    ARRAY_RESERVE(replay->ordinals, replay->ordinals_capacity, need);
    ARRAY_RESERVE(replay->ordinal_periods, replay->periods_capacity, need);
    if (replay->ordinal_periods[made->node] != made->period + 1) {
        replay->ordinal_periods[made->node] = made->period + 1; /* 0: none yet */
        replay->ordinals[made->node] = 0;
    }
    return replay->ordinals[made->node]++;
}

static struct ledger *ledger_of(struct replay *replay, const struct allocation *allocation)
{
    return allocation->is_segment ? &replay->reserve : &replay->ledger;
}

static void retire(struct replay *replay, struct allocation *allocation)
{
    if (!allocation->is_segment)
        TELL(replay, retired, allocation);
    ledger_drop(ledger_of(replay, allocation), allocation);
}

static void leave(struct replay *replay, struct allocation *allocation, bool is_freed)
{
    allocation->is_freed = is_freed;
    allocation->freed = now(replay);
    ledger_remove(ledger_of(replay, allocation), allocation);
    physical_forget(&replay->physical, allocation);
    if (allocation->is_segment)
        TELL(replay, segment_left, allocation);
    else
        TELL(replay, left, allocation);
}

static void enter(struct replay *replay, struct allocation *allocation)
{
    ledger_insert(ledger_of(replay, allocation), allocation);
    if (allocation->space == GP_SPACE_PHYSICAL)
        physical_made(&replay->physical, allocation);
    if (allocation->is_segment)
        TELL(replay, segment_entered, allocation);
    else
        TELL(replay, entered, allocation);
}

/* What a ledger still holds where new memory lies was freed unseen. */
static void drop_overlapped(struct replay *replay, const struct ledger *ledger, uint64_t address,
                            uint64_t bytes, uint8_t space)
{
    for (struct allocation *old;
         (old = ledger_overlapped(ledger, address, bytes, space)) != NULL;) {
        replay->faults.missed_frees++;
        leave(replay, old, false);
        retire(replay, old);
    }
}

/* Blocks that are live in a segment that is freed went with it. */
static void drop_blocks(struct replay *replay, const struct allocation *segment)
{
    for (struct allocation *block;
         (block = ledger_from(&replay->ledger, segment->address)) != NULL &&
         block->address - segment->address < segment->bytes;) {
        replay->faults.missed_frees++;
        leave(replay, block, false);
        retire(replay, block);
    }
}

static bool is_in_segment(const struct replay *replay, uint64_t address)
{
    return (replay->segments && replay->segments->mapped) ||
           ledger_holding(&replay->reserve, address) != NULL;
}

/* A handle that is given out again was released unseen. */
static void drop_namesake(struct replay *replay, uint64_t handle)
{
    struct allocation *old = physical_at(&replay->physical, handle);
    if (!old)
        return;
    replay->faults.missed_frees++;
    leave(replay, old, false);
    retire(replay, old);
}

void replay_alloc(struct replay *replay, const struct gp_record_alloc *record)
{
    replay_settle(replay, replay->thread);
    if (record->address == 0)
        return; /* nothing was asked for */
    const bool is_block = record->space == GP_SPACE_BLOCK;
    const bool is_segment = !is_block && segments_has(replay->segments, replay->offset);
    drop_overlapped(replay, &replay->ledger, record->address, record->bytes, record->space);
    if (!is_block)
        drop_overlapped(replay, &replay->reserve, record->address, record->bytes, record->space);
    if (record->space == GP_SPACE_PHYSICAL)
        drop_namesake(replay, record->address);

    struct allocation *allocation = ledger_make(is_segment ? &replay->reserve : &replay->ledger);
    allocation->is_segment = is_segment;
    allocation->in_segment = is_block && is_in_segment(replay, record->address);
    allocation->address = record->address;
    allocation->bytes = record->bytes;
    allocation->api = record->api;
    allocation->device = record->device;
    allocation->space = record->space;
    allocation->library = facts_api(replay->facts, record->api)->class_id == GP_CLASS_LIBRARY;
    allocation->made = now(replay);
    allocation->when = (uint8_t)when_of(replay);
    if (!is_segment)
        allocation->ordinal = next_ordinal(replay, &allocation->made);
    enter(replay, allocation);
}

/* A segment and its first block have the same address: the space of the free tells them apart. */
static struct allocation *to_free(const struct replay *replay, const struct gp_record_free *record)
{
    const bool is_block = record->space == GP_SPACE_BLOCK;
    if (record->space == GP_SPACE_PHYSICAL)
        return physical_at(&replay->physical, record->address);
    struct allocation *segment = is_block ? NULL : ledger_at(&replay->reserve, record->address);
    if (segment)
        return segment;
    struct allocation *found = ledger_at(&replay->ledger, record->address);
    return found && (found->space == GP_SPACE_BLOCK) == is_block ? found : NULL;
}

void replay_free_call(struct replay *replay, const struct gp_record_free *record)
{
    replay_settle(replay, replay->thread);
    struct allocation *allocation = to_free(replay, record);
    if (!allocation) {
        /* Handles of host memory and of other processes' are not recorded, but their releases are.
         */
        if (record->space == GP_SPACE_PHYSICAL)
            ranges_thread(&replay->threads, replay->thread)->released = record->address;
        else
            replay->faults.unknown_frees++;
        return;
    }
    if (allocation->physical && !physical_released(&replay->physical, allocation))
        return; /* it has another handle, or is mapped */
    if (allocation->is_segment && !allocation->physical)
        drop_blocks(replay, allocation);
    leave(replay, allocation, true);
    ranges_thread(&replay->threads, replay->thread)->pending = allocation;
}

void replay_graph_allocates(struct replay *replay, const struct gp_record_graph_memory *record)
{
    const struct gp_record_alloc given = {.address = record->address,
                                          .bytes = record->bytes,
                                          .api = record->api,
                                          .device = record->device,
                                          .space = GP_SPACE_GRAPH};
    replay_alloc(replay, &given);
}

void replay_graph_frees(struct replay *replay, uint64_t address)
{
    struct allocation *allocation = ledger_at(&replay->ledger, address);
    replay_settle(replay, replay->thread);
    if (!allocation) {
        replay->faults.unknown_frees++;
        return;
    }
    leave(replay, allocation, true);
    retire(replay, allocation);
}

void replay_free_failed(struct replay *replay, const struct gp_record_free_failed *record)
{
    struct range_thread *thread = ranges_thread(&replay->threads, replay->thread);
    struct allocation *pending = thread->pending;
    replay->faults.failed_frees++;
    if (!pending && replay_graph_free_failed(replay, record->address))
        return;
    struct allocation *held = pending ? NULL : physical_at(&replay->physical, record->address);
    if (held) {
        physical_retained(held);
        return;
    }
    if (!pending && thread->released == record->address)
        return; /* an unknown handle's, which was not counted */
    if (!pending || pending->address != record->address) {
        /* The address was not live: neither known nor freed. */
        if (replay->faults.unknown_frees)
            replay->faults.unknown_frees--;
        return;
    }
    thread->pending = NULL;
    if (ledger_at(ledger_of(replay, pending), pending->address)) {
        retire(replay, pending); /* given out again: it was freed after all */
        return;
    }
    pending->is_freed = false;
    ledger_insert(ledger_of(replay, pending), pending);
    if (pending->space == GP_SPACE_PHYSICAL)
        physical_made(&replay->physical, pending);
    if (pending->is_segment)
        TELL(replay, segment_entered, pending);
    else
        TELL(replay, restored, pending);
}

static struct ledger *ledger_of_physical(void *context, const struct allocation *allocation)
{
    return ledger_of(context, allocation);
}

static void overlapped(void *context, uint64_t address, uint64_t bytes)
{
    struct replay *replay = context;
    drop_overlapped(replay, &replay->ledger, address, bytes, GP_SPACE_DEVICE);
    drop_overlapped(replay, &replay->reserve, address, bytes, GP_SPACE_DEVICE);
}

static void gone(void *context, struct allocation *allocation)
{
    leave(context, allocation, true);
    retire(context, allocation);
}

void replay_map(struct replay *replay, const struct gp_record_map *record)
{
    const struct physical_owner owner = {replay, ledger_of_physical, overlapped, gone};
    replay_settle(replay, replay->thread);
    physical_take_map(&replay->physical, &owner, record);
}

static void reset(struct replay *replay, struct ledger *ledger, uint64_t device)
{
    struct allocation *at = ledger_from(ledger, 0);
    while (at) {
        struct allocation *next = ledger_next(at);
        if (at->device == device) {
            leave(replay, at, true);
            retire(replay, at);
        }
        at = next;
    }
}

void replay_device_reset(struct replay *replay, const struct gp_record_device_reset *record)
{
    reset(replay, &replay->ledger, record->device);
    reset(replay, &replay->reserve, record->device);
}

void replay_settle(struct replay *replay, uint32_t thread)
{
    struct range_thread *of = ranges_thread(&replay->threads, thread);
    struct allocation *pending = of->pending;
    of->pending = NULL;
    of->released = 0;
    if (pending)
        retire(replay, pending);
}

void replay_settle_all(struct replay *replay)
{
    for (uint32_t t = 0; t < replay->threads.n_threads; t++)
        replay_settle(replay, t);
    struct allocation *at = ledger_from(&replay->ledger, 0);
    while (at) {
        struct allocation *next = ledger_next(at);
        at->is_freed = false;
        at->freed = now(replay);
        TELL(replay, retired, at);
        at = next;
    }
}
