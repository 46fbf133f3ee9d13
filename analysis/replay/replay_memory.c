#include "replay/replay_memory.h"

#include "base/array.h"

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

static void retire(struct replay *replay, struct allocation *allocation)
{
    TELL(replay, retired, allocation);
    ledger_drop(&replay->ledger, allocation);
}

static void leave(struct replay *replay, struct allocation *allocation, bool is_freed)
{
    allocation->is_freed = is_freed;
    allocation->freed = now(replay);
    ledger_remove(&replay->ledger, allocation);
    TELL(replay, left, allocation);
}

void replay_alloc(struct replay *replay, const struct gp_record_alloc *record)
{
    replay_settle(replay, replay->thread);
    if (record->address == 0)
        return; /* nothing was asked for */
    /* What the ledger still holds where new memory lies was freed unseen. */
    for (struct allocation *old; (old = ledger_overlapped(&replay->ledger, record->address,
                                                          record->bytes, record->space)) != NULL;) {
        replay->faults.missed_frees++;
        leave(replay, old, false);
        retire(replay, old);
    }

    struct allocation *allocation = ledger_make(&replay->ledger);
    allocation->address = record->address;
    allocation->bytes = record->bytes;
    allocation->api = record->api;
    allocation->device = record->device;
    allocation->space = record->space;
    allocation->library = facts_api(replay->facts, record->api)->class_id == GP_CLASS_LIBRARY;
    allocation->made = now(replay);
    allocation->when = (uint8_t)when_of(replay);
    allocation->ordinal = next_ordinal(replay, &allocation->made);
    ledger_insert(&replay->ledger, allocation);
    TELL(replay, entered, allocation);
}

void replay_free_call(struct replay *replay, const struct gp_record_free *record)
{
    replay_settle(replay, replay->thread);
    struct allocation *allocation = ledger_at(&replay->ledger, record->address);
    if (!allocation) {
        replay->faults.unknown_frees++;
        return;
    }
    leave(replay, allocation, true);
    ranges_thread(&replay->threads, replay->thread)->pending = allocation;
}

void replay_free_failed(struct replay *replay, const struct gp_record_free_failed *record)
{
    struct range_thread *thread = ranges_thread(&replay->threads, replay->thread);
    struct allocation *pending = thread->pending;
    replay->faults.failed_frees++;
    if (!pending || pending->address != record->address) {
        /* The address was not live: neither known nor freed. */
        if (replay->faults.unknown_frees)
            replay->faults.unknown_frees--;
        return;
    }
    thread->pending = NULL;
    if (ledger_at(&replay->ledger,
                  pending->address)) { /* given out again: it was freed after all */
        retire(replay, pending);
        return;
    }
    pending->is_freed = false;
    ledger_insert(&replay->ledger, pending);
    TELL(replay, restored, pending);
}

void replay_device_reset(struct replay *replay, const struct gp_record_device_reset *record)
{
    struct allocation *at = ledger_from(&replay->ledger, 0);
    while (at) {
        struct allocation *next = ledger_next(at);
        if (at->device == record->device) {
            leave(replay, at, true);
            retire(replay, at);
        }
        at = next;
    }
}

void replay_settle(struct replay *replay, uint32_t thread)
{
    struct range_thread *of = ranges_thread(&replay->threads, thread);
    struct allocation *pending = of->pending;
    of->pending = NULL;
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
