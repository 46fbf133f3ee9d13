#include "replay/replay_graphs.h"

#include "replay/replay_memory.h"
#include "replay/replay_ranges.h"

#define TELL(replay, event, ...)                                                                   \
    do {                                                                                           \
        if ((replay)->visitor->event)                                                              \
            (replay)->visitor->event((replay)->context, __VA_ARGS__);                              \
    } while (0)

#define AUTO_FREE_ON_LAUNCH 1u /* cudaGraphInstantiateFlagAutoFreeOnLaunch */

static bool holds_node(const struct range_thread *thread, uint32_t node)
{
    for (size_t i = 0; i < thread->n_ranges; i++)
        if (thread->ranges[i].is_node && thread->ranges[i].node == node)
            return true;
    return false;
}

/* A node that the launch itself lies in has begun already. */
static void enter(struct replay *replay, size_t item, uint32_t node)
{
    const bool has_begun = holds_node(ranges_thread(&replay->threads, replay->thread), node);
    struct range *range = ranges_push(&replay->threads, replay->thread, 0, replay->steps->domain);
    range->begin_ns = replay->ns;
    range->id = item;
    range->node = node;
    range->is_node = true;
    if (!has_begun)
        replay_enter_node(replay, range);
}

/* Ranges of the launch lie above those that the program has open, from `base` on. */
static void leave(struct replay *replay, size_t base, uint64_t item)
{
    const struct range_thread *of = ranges_thread(&replay->threads, replay->thread);
    for (size_t i = of->n_ranges; i-- > base;)
        if (of->ranges[i].id == item) {
            replay_leave_node(replay, &of->ranges[i]);
            ranges_remove(&replay->threads, replay->thread, &of->ranges[i]);
            return;
        }
}

static void free_what_is_left(struct replay *replay, const struct graph_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct gp_record_graph_memory *record = &list->items[i].memory;
        if (list->items[i].kind != GRAPH_MEMORY || record->bytes == 0)
            continue;
        const struct allocation *live = ledger_at(&replay->ledger, record->address);
        if (live && live->space == GP_SPACE_GRAPH)
            replay_graph_frees(replay, record->address);
    }
}

static void do_memory(struct replay *replay, const struct gp_record_graph_memory *record)
{
    if (record->bytes)
        replay_graph_allocates(replay, record);
    else
        replay_graph_frees(replay, record->address);
}

/* The record was passed when it was captured. */
static void do_call(struct replay *replay, size_t offset)
{
    struct capture_event event;
    if (capture_peek(replay->capture, &offset, &event))
        replay_call(replay, event.payload);
}

/* Where something is live already (graphs that share a pool use its memory in turn) it is not
 * counted twice. */
static void block_comes(struct replay *replay, const struct gp_record_alloc *block)
{
    if (ledger_overlapped(&replay->ledger, block->address, block->bytes, block->space))
        return;
    replay_alloc(replay, block);
    ledger_at(&replay->ledger, block->address)->of_launch = true;
}

static void block_goes(struct replay *replay, uint64_t address)
{
    const struct gp_record_free back = {.address = address, .space = GP_SPACE_BLOCK};
    const struct allocation *live = ledger_at(&replay->ledger, address);
    if (live && live->of_launch)
        replay_free_call(replay, &back);
}

static bool is_detailed(const struct replay *replay)
{
    return replay->step == REPLAY_NO_STEP || replay->steps->steps[replay->step].detailed;
}

/* Of a step that is not recorded in detail neither ranges nor calls are known, whoever makes them.
 */
static void launch(struct replay *replay, uint64_t exec)
{
    uint32_t flags;
    const struct graph_list *list = graphs_launch(&replay->graphs, exec, &flags);
    if (!list)
        return;
    const bool detailed = is_detailed(replay);
    const size_t base = ranges_thread(&replay->threads, replay->thread)->n_ranges;
    if (flags & AUTO_FREE_ON_LAUNCH)
        free_what_is_left(replay, list);
    for (size_t i = 0; i < list->n; i++) {
        const struct graph_item *item = &list->items[i];
        replay->moment++;
        if (item->kind == GRAPH_MEMORY)
            do_memory(replay, &item->memory);
        else if (item->kind == GRAPH_BLOCK && item->passes)
            block_comes(replay, &item->block);
        else if (item->kind == GRAPH_BLOCK_BACK)
            block_goes(replay, item->block.address);
        else if (detailed && item->kind == GRAPH_ENTER)
            enter(replay, i, item->node);
        else if (detailed && item->kind == GRAPH_LEAVE)
            leave(replay, base, item->enter);
        else if (detailed && item->kind == GRAPH_CALL)
            do_call(replay, item->offset);
    }
}

void replay_graph(struct replay *replay, const struct gp_record_graph *record)
{
    if (record->what == GP_GRAPH_LAUNCHED)
        launch(replay, record->exec);
    else
        graphs_take(&replay->graphs, replay->thread, record);
}

void replay_graph_memory(struct replay *replay, const struct capture_event *event)
{
    const struct gp_record_graph_memory *record = (const void *)event->payload;
    struct graph_list *list = graphs_list(&replay->graphs, event->thread, record->graph);
    replay_settle(replay, event->thread);
    if (list)
        graphs_append_memory(list, ranges_thread(&replay->threads, event->thread), record);
}

void replay_graph_block(struct replay *replay, const struct gp_record_alloc *block)
{
    struct graph_list *list = graphs_list_underway(&replay->graphs, replay->thread);
    if (list)
        graphs_append_block(list, ranges_thread(&replay->threads, replay->thread), block);
}

bool replay_graph_free_failed(struct replay *replay, uint64_t address)
{
    struct graph_list *list = graphs_list(&replay->graphs, replay->thread, 0);
    return list && graphs_undo_free(list, address);
}

/* A node that the program makes itself, or that comes with an executable graph, says nothing of
 * where its work belongs. */
void replay_graph_node(struct replay *replay, const struct gp_record_graph_node *record)
{
    const uint32_t thread = replay->thread;
    uint64_t serial;
    const bool captured =
        !record->original &&
        (record->correlation || graphs_is_captured(&replay->graphs, thread, record->graph));
    graphs_note_work(&replay->graphs, record,
                     captured ? replay_node(replay, thread, &serial) : GRAPHS_NO_NODE);
    if (!captured)
        return;
    if (record->correlation)
        TELL(replay, captured, record->correlation);
    graphs_expect_call(&replay->graphs, thread, record->graph);
    struct graph_list *list = graphs_list(&replay->graphs, thread, record->graph);
    if (list)
        graphs_follow(list, ranges_thread(&replay->threads, thread));
}

/* Others do at once what they do. */
static bool can_be_captured(const struct replay *replay, const struct gp_record_call *record)
{
    switch (facts_api(replay->facts, record->api)->class_id) {
    case GP_CLASS_LAUNCH:
    case GP_CLASS_COMPUTE:
    case GP_CLASS_COPY:
        return true;
    default:
        return false;
    }
}

bool replay_graph_call(struct replay *replay, const struct capture_event *event)
{
    const uint64_t expected = graphs_expected_call(&replay->graphs, event->thread);
    struct graph_list *list = graphs_list(&replay->graphs, event->thread, expected);
    if (!list || !can_be_captured(replay, (const void *)event->payload))
        return false;
    graphs_append_call(list, ranges_thread(&replay->threads, event->thread), event->offset);
    return true;
}
