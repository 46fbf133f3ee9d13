#include "replay/graphs.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"

struct graph {
    uint64_t handle;
    struct graph_list list;
    UT_hash_handle hh;
};

struct graph_exec {
    uint64_t handle;
    uint32_t flags;
    struct graph_list list; /* the graph's when it was instantiated */
    UT_hash_handle hh;
};

struct graph_work {
    uint64_t number;
    uint32_t node;
    UT_hash_handle hh;
};

static void free_list(struct graph_list *list)
{
    free(list->items);
    free(list->open);
    memset(list, 0, sizeof *list);
}

static void remove_graph(struct graphs *graphs, struct graph *graph)
{
    for (size_t t = 0; t < graphs->n_capturing; t++)
        if (graphs->capturing[t] == graph)
            graphs->capturing[t] = NULL;
    HASH_DEL(graphs->graphs, graph);
    free_list(&graph->list);
    free(graph);
}

static void remove_exec(struct graphs *graphs, struct graph_exec *exec)
{
    HASH_DEL(graphs->execs, exec);
    free_list(&exec->list);
    free(exec);
}

void graphs_free(struct graphs *graphs)
{
    for (struct graph *graph = graphs->graphs; graph; graph = graph->hh.next)
        free_list(&graph->list);
    for (struct graph_exec *exec = graphs->execs; exec; exec = exec->hh.next)
        free_list(&exec->list);
    TABLE_FREE(struct graph, graphs->graphs);
    TABLE_FREE(struct graph_exec, graphs->execs);
    TABLE_FREE(struct graph_work, graphs->works);
    free(graphs->capturing);
    free(graphs->captured);
    memset(graphs, 0, sizeof *graphs);
}

static struct graph *find_graph(const struct graphs *graphs, uint64_t handle)
{
    struct graph *found = NULL;
    HASH_FIND(hh, graphs->graphs, &handle, sizeof handle, found);
    return found;
}

static struct graph_exec *find_exec(const struct graphs *graphs, uint64_t handle)
{
    struct graph_exec *found = NULL;
    HASH_FIND(hh, graphs->execs, &handle, sizeof handle, found);
    return found;
}

static struct graph *add_graph(struct graphs *graphs, uint64_t handle)
{
    struct graph *graph = memory_zeroed(1, sizeof *graph);
    graph->handle = handle;
    HASH_ADD(hh, graphs->graphs, handle, sizeof graph->handle, graph);
    return graph;
}

/* A handle that is given out again stands for another graph. */
static struct graph *new_graph(struct graphs *graphs, uint64_t handle)
{
    struct graph *old = find_graph(graphs, handle);
    if (old)
        remove_graph(graphs, old);
    return add_graph(graphs, handle);
}

static struct graph_item *add_item(struct graph_list *list, enum graph_item_kind kind)
{
    ARRAY_RESERVE(list->items, list->capacity, list->n + 1);
    struct graph_item *item = &list->items[list->n++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

static void leave_down_to(struct graph_list *list, size_t kept)
{
    while (list->n_open > kept)
        add_item(list, GRAPH_LEAVE)->enter = list->open[--list->n_open].item;
}

/* A range that makes a node; the step itself and what lies around it are the launch's own. */
static bool is_noted(const struct range *range) { return range->is_node && range->node != 0; }

void graphs_follow(struct graph_list *list, const struct range_thread *thread)
{
    size_t same = 0;
    for (size_t i = 0; i < thread->n_ranges; i++) {
        const struct range *range = &thread->ranges[i];
        if (!is_noted(range))
            continue;
        if (same < list->n_open && list->open[same].serial == range->serial) {
            same++;
            continue;
        }
        leave_down_to(list, same);
        add_item(list, GRAPH_ENTER)->node = range->node;
        ARRAY_RESERVE(list->open, list->open_capacity, list->n_open + 1);
        list->open[list->n_open++] = (struct graph_open){range->serial, list->n - 1};
        same = list->n_open;
    }
    leave_down_to(list, same);
}

void graphs_append_call(struct graph_list *list, const struct range_thread *thread, uint64_t offset)
{
    graphs_follow(list, thread);
    add_item(list, GRAPH_CALL)->offset = offset;
}

void graphs_append_memory(struct graph_list *list, const struct range_thread *thread,
                          const struct gp_record_graph_memory *record)
{
    graphs_follow(list, thread);
    add_item(list, GRAPH_MEMORY)->memory = *record;
}

void graphs_append_block(struct graph_list *list, const struct range_thread *thread,
                         const struct gp_record_alloc *block)
{
    size_t i = list->n;
    if (!block->bytes) {
        while (i > 0 && (list->items[i - 1].kind != GRAPH_BLOCK || list->items[i - 1].passes ||
                         list->items[i - 1].block.address != block->address))
            i--;
        if (i == 0)
            return;
        list->items[i - 1].passes = true;
    }
    graphs_follow(list, thread);
    add_item(list, block->bytes ? GRAPH_BLOCK : GRAPH_BLOCK_BACK)->block = *block;
}

bool graphs_undo_free(struct graph_list *list, uint64_t address)
{
    const struct graph_item *last = list->n ? &list->items[list->n - 1] : NULL;
    if (!last || last->kind != GRAPH_MEMORY || last->memory.bytes ||
        last->memory.address != address)
        return false;
    list->n--;
    return true;
}

/* What stands in `from`, behind `to`'s own. */
static void append_list(struct graph_list *to, const struct graph_list *from)
{
    leave_down_to(to, 0);
    const size_t first = to->n;
    for (size_t i = 0; i < from->n; i++) {
        struct graph_item *item = add_item(to, from->items[i].kind);
        *item = from->items[i];
        item->enter += first;
    }
    for (size_t i = from->n_open; i-- > 0;)
        add_item(to, GRAPH_LEAVE)->enter = from->open[i].item + first;
}

static void set_capturing(struct graphs *graphs, uint32_t thread, struct graph *graph)
{
    if (graphs->capturing_capacity <= thread)
        graphs->capturing = array_grown(graphs->capturing, &graphs->capturing_capacity,
                                        (size_t)thread + 1, sizeof(void *));
    if (graphs->n_capturing <= thread)
        graphs->n_capturing = (size_t)thread + 1;
    graphs->capturing[thread] = graph;
}

static struct graph *capturing(const struct graphs *graphs, uint32_t thread)
{
    return thread < graphs->n_capturing ? graphs->capturing[thread] : NULL;
}

/* Ended by another thread than began it, as the relaxed mode allows, it is known by its handle. */
static void end_capture(struct graphs *graphs, uint32_t thread, uint64_t handle)
{
    struct graph *graph = capturing(graphs, thread);
    if (handle && (!graph || graph->handle != handle)) {
        struct graph *of_handle = find_graph(graphs, handle);
        if (!of_handle && graph) { /* it had another name, or none, while it was captured */
            HASH_DEL(graphs->graphs, graph);
            graph->handle = handle;
            HASH_ADD(hh, graphs->graphs, handle, sizeof graph->handle, graph);
        } else {
            graph = of_handle;
        }
    }
    if (!graph)
        return;
    leave_down_to(&graph->list, 0);
    for (size_t t = 0; t < graphs->n_capturing; t++)
        if (graphs->capturing[t] == graph)
            graphs->capturing[t] = NULL;
    if (!handle)
        remove_graph(graphs, graph);
}

static void instantiate(struct graphs *graphs, const struct gp_record_graph *record)
{
    const struct graph *graph = find_graph(graphs, record->graph);
    struct graph_exec *exec = find_exec(graphs, record->exec);
    if (exec)
        remove_exec(graphs, exec);
    if (!graph)
        return;
    exec = memory_zeroed(1, sizeof *exec);
    exec->handle = record->exec;
    exec->flags = record->flags;
    append_list(&exec->list, &graph->list);
    HASH_ADD(hh, graphs->execs, handle, sizeof exec->handle, exec);
}

void graphs_take(struct graphs *graphs, uint32_t thread, const struct gp_record_graph *record)
{
    struct graph *graph = find_graph(graphs, record->graph);
    struct graph_exec *exec = find_exec(graphs, record->exec);
    switch (record->what) {
    case GP_GRAPH_CREATED:
        new_graph(graphs, record->graph);
        break;
    case GP_GRAPH_CAPTURE:
        set_capturing(graphs, thread, new_graph(graphs, record->graph));
        break;
    case GP_GRAPH_CAPTURE_INTO:
        set_capturing(graphs, thread, graph ? graph : new_graph(graphs, record->graph));
        break;
    case GP_GRAPH_CAPTURED:
        end_capture(graphs, thread, record->graph);
        break;
    case GP_GRAPH_INSTANTIATED:
        instantiate(graphs, record);
        break;
    case GP_GRAPH_NESTED:
        graph = graph ? graph : capturing(graphs, thread);
        if (graph && exec)
            append_list(&graph->list, &exec->list);
        break;
    case GP_GRAPH_EXEC_ENDS:
        if (exec)
            remove_exec(graphs, exec);
        break;
    case GP_GRAPH_ENDS:
        if (graph)
            remove_graph(graphs, graph);
        break;
    default:
        break;
    }
}

struct graph_list *graphs_list(struct graphs *graphs, uint32_t thread, uint64_t graph)
{
    struct graph *found = graph ? find_graph(graphs, graph) : NULL;
    if (!found)
        found = capturing(graphs, thread);
    return found ? &found->list : NULL;
}

struct graph_list *graphs_list_underway(struct graphs *graphs, uint32_t thread)
{
    struct graph *found = capturing(graphs, thread);
    for (size_t t = 0; t < graphs->n_capturing && !capturing(graphs, thread); t++) {
        if (found && graphs->capturing[t] && graphs->capturing[t] != found)
            return NULL;
        found = graphs->capturing[t] ? graphs->capturing[t] : found;
    }
    return found ? &found->list : NULL;
}

bool graphs_is_captured(const struct graphs *graphs, uint32_t thread, uint64_t graph)
{
    for (size_t t = 0; t < graphs->n_capturing; t++)
        if (graphs->capturing[t] && graphs->capturing[t]->handle == graph)
            return true;
    return !find_graph(graphs, graph) && capturing(graphs, thread);
}

void graphs_thread_begins(struct graphs *graphs, uint32_t thread)
{
    if (thread < graphs->n_capturing)
        graphs->capturing[thread] = NULL;
    graphs_expected_call(graphs, thread);
}

void graphs_note_work(struct graphs *graphs, const struct gp_record_graph_node *record,
                      uint32_t node)
{
    struct graph_work *work = NULL;
    struct graph_work *original = NULL;
    HASH_FIND(hh, graphs->works, &record->node, sizeof record->node, work);
    if (record->original)
        HASH_FIND(hh, graphs->works, &record->original, sizeof record->original, original);
    /* Numbers may be given out again. Only the record that tells the less of a copy, which may come
       before the other or behind it, says nothing against what is known. */
    if (work && !record->original && node == GRAPHS_NO_NODE)
        return;
    if (!work) {
        work = memory_zeroed(1, sizeof *work);
        work->number = record->node;
        HASH_ADD(hh, graphs->works, number, sizeof work->number, work);
    }
    work->node = node;
    if (record->original)
        work->node = original ? original->node : GRAPHS_NO_NODE;
}

uint32_t graphs_node_of_work(const struct graphs *graphs, uint64_t number)
{
    const struct graph_work *work = NULL;
    if (number)
        HASH_FIND(hh, graphs->works, &number, sizeof number, work);
    return work ? work->node : GRAPHS_NO_NODE;
}

void graphs_expect_call(struct graphs *graphs, uint32_t thread, uint64_t graph)
{
    ARRAY_RESERVE(graphs->captured, graphs->captured_capacity, (size_t)thread + 1);
    graphs->captured[thread] = graph;
}

uint64_t graphs_expected_call(struct graphs *graphs, uint32_t thread)
{
    if (thread >= graphs->captured_capacity)
        return 0;
    const uint64_t graph = graphs->captured[thread];
    graphs->captured[thread] = 0;
    return graph;
}

const struct graph_list *graphs_launch(const struct graphs *graphs, uint64_t exec, uint32_t *flags)
{
    const struct graph_exec *found = find_exec(graphs, exec);
    *flags = found ? found->flags : 0;
    return found ? &found->list : NULL;
}

bool graphs_launch_has_ranges(const struct graphs *graphs, uint64_t exec)
{
    const struct graph_exec *found = find_exec(graphs, exec);
    for (size_t i = 0; found && i < found->list.n; i++)
        if (found->list.items[i].kind == GRAPH_ENTER)
            return true;
    return false;
}
