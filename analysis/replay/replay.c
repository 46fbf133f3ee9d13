#include "replay/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/replay_graphs.h"
#include "replay/replay_memory.h"
#include "replay/replay_ranges.h"

#define TELL(replay, event, ...)                                                                   \
    do {                                                                                           \
        if ((replay)->visitor->event)                                                              \
            (replay)->visitor->event((replay)->context, __VA_ARGS__);                              \
    } while (0)

uint32_t replay_node(const struct replay *replay, uint32_t thread, uint64_t *serial)
{
    *serial = 0;
    if (thread >= replay->threads.n_threads)
        return NODES_ROOT;
    const struct range_thread *of = &replay->threads.threads[thread];
    for (size_t i = of->n_ranges; i-- > 0;)
        if (of->ranges[i].is_node) {
            *serial = of->ranges[i].serial;
            return of->ranges[i].node;
        }
    return NODES_ROOT;
}

struct range *replay_range(const struct replay *replay, uint32_t thread)
{
    if (thread >= replay->threads.n_threads)
        return NULL;
    const struct range_thread *of = &replay->threads.threads[thread];
    for (size_t i = of->n_ranges; i-- > 0;)
        if (of->ranges[i].is_node)
            return of->ranges[i].entered ? &of->ranges[i] : NULL;
    return NULL;
}

enum gtype replay_phase(const struct replay *replay, uint32_t node, const struct replay_call *call)
{
    enum gtype by_range = replay->nodes->nodes[node].gtype;
    if (by_range != GTYPE_OTHER)
        return by_range;
    enum gtype by_api = call->api->known ? replay->api_gtypes[call->api_number] : GTYPE_OTHER;
    return by_api != GTYPE_OTHER ? by_api : nodes_gtype(replay->nodes, node);
}

void replay_call(struct replay *replay, const uint64_t *payload)
{
    const struct gp_record_call *record = (const void *)payload;
    struct replay_call call = {
        .api = facts_api(replay->facts, record->api),
        .api_number = record->api,
        .aux = record->aux,
        .n_operands = record->n_operands,
        .operands = payload + 1,
        .ns = replay->ns,
    };
    uint32_t node = replay_node(replay, replay->thread, &call.serial);
    TELL(replay, called, node, &call);
}

static void take_mark(struct replay *replay, const struct capture_event *event)
{
    const struct gp_record_mark *record = (const void *)event->payload;
    TELL(replay, marked, strings_text(&replay->facts->strings, record->name));
}

static void take_submission(struct replay *replay, const struct capture_event *event)
{
    uint64_t serial;
    uint32_t node = replay_node(replay, event->thread, &serial);
    TELL(replay, submitted, node, (const void *)event->payload);
}

static void take_work(struct replay *replay, const struct capture_event *event)
{
    const struct gp_record_kernel record = capture_kernel(event);
    TELL(replay, ran, &record, graphs_node_of_work(&replay->graphs, record.graph_node));
}

static void take_alloc(struct replay *replay, const struct gp_record_alloc *record)
{
    replay_alloc(replay, record);
    if (record->space == GP_SPACE_BLOCK)
        replay_graph_block(replay, record);
}

static void take_free(struct replay *replay, const struct gp_record_free *record)
{
    const struct gp_record_alloc back = {.address = record->address, .space = GP_SPACE_BLOCK};
    replay_free_call(replay, record);
    if (record->space == GP_SPACE_BLOCK)
        replay_graph_block(replay, &back);
}

static void take(struct replay *replay, const struct capture_event *event)
{
    switch (event->type) {
    case GP_RECORD_THREAD:
        replay_settle(replay, event->thread);
        ranges_thread_begins(&replay->threads, event->thread);
        graphs_thread_begins(&replay->graphs, event->thread);
        break;
    case GP_RECORD_ALLOC:
        take_alloc(replay, (const void *)event->payload);
        break;
    case GP_RECORD_FREE:
        take_free(replay, (const void *)event->payload);
        break;
    case GP_RECORD_FREE_FAILED:
        replay_free_failed(replay, (const void *)event->payload);
        break;
    case GP_RECORD_MAP:
        replay_map(replay, (const void *)event->payload);
        break;
    case GP_RECORD_DEVICE_RESET:
        replay_device_reset(replay, (const void *)event->payload);
        break;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_START:
        replay_range_begins(replay, event);
        break;
    case GP_RECORD_RANGE_POP:
    case GP_RECORD_RANGE_END:
        replay_range_ends(replay, event);
        break;
    case GP_RECORD_MARK:
        take_mark(replay, event);
        break;
    case GP_RECORD_CALL:
        if (!replay_graph_call(replay, event))
            replay_call(replay, event->payload);
        break;
    case GP_RECORD_CORRELATION:
        take_submission(replay, event);
        break;
    case GP_RECORD_KERNEL:
        take_work(replay, event);
        break;
    case GP_RECORD_GRAPH:
        replay_graph(replay, (const void *)event->payload);
        break;
    case GP_RECORD_GRAPH_MEMORY:
        replay_graph_memory(replay, event);
        break;
    case GP_RECORD_GRAPH_NODE:
        replay_graph_node(replay, (const void *)event->payload);
        break;
    case GP_RECORD_GPU_LOST:
        TELL(replay, lost, event->payload[0]);
        break;
    case GP_RECORD_DEVICE_SAMPLE: {
        const struct gp_record_device_sample sample = capture_sample(event);
        TELL(replay, sampled, &sample);
        break;
    }
    default:
        break;
    }
}

static uint8_t *gtypes_of_apis(const struct facts *facts)
{
    uint8_t *gtypes = memory_zeroed(facts->n_apis, 1);
    for (size_t i = 0; i < facts->n_apis; i++)
        gtypes[i] = (uint8_t)gtype_of_api(strings_text(&facts->strings, facts->apis[i].name));
    return gtypes;
}

void replay_run(struct replay *replay, size_t payload_bytes)
{
    struct capture_event event;
    replay->api_gtypes = gtypes_of_apis(replay->facts);
    ledger_init(&replay->ledger, payload_bytes);
    ledger_init(&replay->reserve, 0);
    replay->step = REPLAY_NO_STEP;
    replay->next_step = 0;
    replay->moment = 0;
    const bool has_calls = steps_have_calls(replay->steps);
    capture_rewind(replay->capture);
    while (capture_next(replay->capture, &event)) {
        replay->offset = event.offset;
        replay->moment++;
        replay->ns = event.ns;
        replay->thread = event.thread;
        take(replay, &event);
        if (has_calls)
            replay_call_ranges(replay);
    }
    replay_settle_all(replay);
    replay->faults.unmatched_ranges = replay->threads.unmatched;
}

void replay_free(struct replay *replay)
{
    physical_free(&replay->physical);
    ledger_free(&replay->ledger);
    ledger_free(&replay->reserve);
    ranges_clear(&replay->threads);
    graphs_free(&replay->graphs);
    call_nodes_free(&replay->calls);
    free(replay->api_gtypes);
    free(replay->ordinals);
    free(replay->ordinal_periods);
    replay->api_gtypes = NULL;
    replay->ordinals = NULL;
    replay->ordinal_periods = NULL;
}
