#include "replay/call_nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"
#include "graphprof/call_name.h"
#include "replay/replay.h"

#define NAME_BYTES 160

/* The nodes of one name, by occurrence. */
struct call_name {
    char text[NAME_BYTES];
    uint32_t *nodes;
    size_t n_nodes;
    size_t capacity;
    uint64_t plan;  /* in which it was met last */
    size_t in_step; /* how often then */
    UT_hash_handle hh;
};

/* What a function's or a kernel's string id stands for. */
struct call_name_id {
    uint64_t key; /* id, and whether it is a kernel's */
    struct call_name *name;
    UT_hash_handle hh;
};

/* A thread in the step that is planned. */
struct call_thread {
    uint64_t plan; /* in which it was met last */
    bool ranged;
    bool prepares;  /* what was seen last belongs to the next call */
    bool has_call;  /* there was one before */
    uint64_t trail; /* the last record that belongs to it, else the one before the thread's first */
};

/* While a step is planned. */
struct planning {
    struct call_nodes *calls;
    struct replay *replay;
    const struct step *step;
    uint64_t before; /* the record before */
};

static struct call_name *name_of(struct call_nodes *calls, const struct facts *facts,
                                 const struct gp_record_call *call)
{
    const struct fact_api *api = facts_api(facts, call->api);
    const bool kernel = api->class_id == GP_CLASS_LAUNCH && call->aux != 0;
    const uint32_t id = kernel ? call->aux : api->name;
    const uint64_t key = (uint64_t)kernel << 32 | id;
    struct call_name_id *by_id = NULL;
    HASH_FIND(hh, calls->ids, &key, sizeof key, by_id);
    if (by_id)
        return by_id->name;
    char text[NAME_BYTES];
    gp_kernel_plain_name(strings_text(&facts->strings, id), text, sizeof text);
    struct call_name *name = NULL;
    HASH_FIND_STR(calls->names, text, name);
    if (!name) {
        name = memory_zeroed(1, sizeof *name);
        memcpy(name->text, text, sizeof text);
        HASH_ADD_STR(calls->names, text, name);
    }
    by_id = memory_zeroed(1, sizeof *by_id);
    by_id->key = key;
    by_id->name = name;
    HASH_ADD(hh, calls->ids, key, sizeof by_id->key, by_id);
    return name;
}

/* The node of the name's next occurrence in the step. `is_new`: it was never met before. */
static uint32_t next_node(struct planning *planning, struct call_name *name, bool *is_new)
{
    if (name->plan != planning->calls->plans) {
        name->plan = planning->calls->plans;
        name->in_step = 0;
    }
    const size_t occurrence = name->in_step++;
    if (occurrence == name->n_nodes) {
        char text[NAME_BYTES + 24];
        snprintf(text, sizeof text, "%s.%zu", name->text, occurrence + 1);
        ARRAY_RESERVE(name->nodes, name->capacity, occurrence + 1);
        name->nodes[name->n_nodes++] = nodes_named(planning->replay->nodes, text);
        *is_new = true;
    }
    return name->nodes[occurrence];
}

/* Threads that have a range open in the steps' domain go by their own. */
static bool has_range(const struct planning *planning, uint32_t thread)
{
    const struct range_threads *threads = &planning->replay->threads;
    if (thread == planning->step->thread || thread >= threads->n_threads)
        return false;
    for (size_t i = 0; i < threads->threads[thread].n_ranges; i++)
        if (threads->threads[thread].ranges[i].is_node &&
            threads->threads[thread].ranges[i].node != NODES_ROOT)
            return true;
    return false;
}

static struct call_thread *thread_of(struct planning *planning, uint32_t index)
{
    struct call_nodes *calls = planning->calls;
    ARRAY_RESERVE(calls->threads, calls->threads_capacity, (size_t)index + 1);
    struct call_thread *thread = &calls->threads[index];
    if (thread->plan != calls->plans) {
        *thread = (struct call_thread){
            .plan = calls->plans,
            .ranged = has_range(planning, index),
            .trail = planning->before,
        };
    }
    return thread;
}

static bool is_device(const struct planning *planning, uint64_t address)
{
    return ledger_holding(&planning->replay->ledger, address) != NULL;
}

/* Whether a record that is no call which computes prepares the next one, or follows one. */
enum place {
    PLACE_NOWHERE, /* the next record of the thread tells */
    PLACE_PREPARES,
    PLACE_FOLLOWS
};

static enum place place_of(const struct planning *planning, const struct capture_event *event)
{
    const struct gp_record_call *call = (const void *)event->payload;
    const struct gp_record_correlation *submitted = (const void *)event->payload;
    switch (event->type) {
    case GP_RECORD_ALLOC:
        return PLACE_PREPARES;
    case GP_RECORD_CORRELATION: /* comes before the call's own record */
        return submitted->work == GP_GPU_COPY ? PLACE_NOWHERE : PLACE_PREPARES;
    case GP_RECORD_CALL:
        if (facts_api(planning->replay->facts, call->api)->class_id != GP_CLASS_COPY)
            return PLACE_FOLLOWS;
        return call->n_operands && is_device(planning, event->payload[1]) ? PLACE_PREPARES
                                                                          : PLACE_FOLLOWS;
    case GP_RECORD_FREE:
    case GP_RECORD_FREE_FAILED:
        return PLACE_FOLLOWS;
    default:
        return PLACE_NOWHERE;
    }
}

static bool computes(const struct planning *planning, const struct capture_event *event)
{
    const struct gp_record_call *call = (const void *)event->payload;
    return event->type == GP_RECORD_CALL &&
           call_computes(facts_api(planning->replay->facts, call->api));
}

static void add_call(struct planning *planning, struct call_thread *thread,
                     const struct capture_event *event)
{
    struct call_nodes *calls = planning->calls;
    ARRAY_RESERVE(calls->calls, calls->calls_capacity, calls->n_calls + 1);
    calls->calls[calls->n_calls++] = (struct call_seen){
        .offset = event->offset,
        .thread = event->thread,
        .after = thread->trail,
    };
    thread->has_call = true;
    thread->prepares = false;
    thread->trail = event->offset;
}

/* Whether a range of a node begins, rather than another thread's step. */
static bool begins_node(const struct planning *planning, const struct capture_event *event)
{
    const struct gp_record_range *pushed = (const void *)event->payload;
    const struct gp_record_range_start *started = (const void *)event->payload;
    struct replay *replay = planning->replay;
    const bool is_start = event->type == GP_RECORD_RANGE_START;
    if (!is_start && event->type != GP_RECORD_RANGE_PUSH)
        return false;
    const uint32_t name =
        strings_canonical(&replay->facts->strings, is_start ? started->name : pushed->name);
    const bool named = name != 0 && name < replay->facts->strings.n_entries;
    return steps_domain_counts(replay->facts, replay->steps->domain,
                               is_start ? started->domain : pushed->domain) &&
           !(named && steps_name_matches(replay->steps, replay->facts, name));
}

/* The ranges in which a graph was captured are the step's. */
static bool launches_ranges(const struct planning *planning, const struct capture_event *event)
{
    const struct gp_record_graph *record = (const void *)event->payload;
    return event->type == GP_RECORD_GRAPH && record->what == GP_GRAPH_LAUNCHED &&
           graphs_launch_has_ranges(&planning->replay->graphs, record->exec);
}

static void read_ahead(struct planning *planning, const struct capture_event *event)
{
    struct call_thread *thread = thread_of(planning, event->thread);
    if (event->thread != planning->step->thread)
        thread->ranged |= begins_node(planning, event);
    if (computes(planning, event)) {
        add_call(planning, thread, event);
        return;
    }
    const enum place place = place_of(planning, event);
    thread->prepares |= place == PLACE_PREPARES;
    if (place == PLACE_FOLLOWS && thread->has_call && !thread->prepares)
        thread->trail = event->offset;
}

static void add_switch(struct call_nodes *calls, const struct call_switch *to)
{
    ARRAY_RESERVE(calls->switches, calls->capacity, calls->n_switches + 1);
    calls->switches[calls->n_switches++] = *to;
}

/* A thread's switches are never at the same place. */
static int compare(const void *left, const void *right)
{
    const struct call_switch *a = left;
    const struct call_switch *b = right;
    return a->after < b->after ? -1 : a->after > b->after;
}

/* Names the calls and puts the switches in order. */
static void make_switches(struct planning *planning, uint64_t begin, uint64_t end)
{
    struct call_nodes *calls = planning->calls;
    const struct capture *capture = planning->replay->capture;
    bool is_new = false;
    for (size_t i = 0; i < calls->n_calls; i++) {
        struct call_seen *call = &calls->calls[i];
        struct capture_event event;
        size_t at = call->offset;
        if (calls->threads[call->thread].ranged)
            continue;
        capture_peek(capture, &at, &event);
        call->node = next_node(planning,
                               name_of(calls, planning->replay->facts, (const void *)event.payload),
                               &is_new);
        add_switch(calls, &(struct call_switch){call->after, call->thread, call->node});
    }
    if (is_new) {
        call_phases_tell(&calls->phases, planning->replay->facts, capture, begin, end, calls->calls,
                         calls->n_calls);
        for (size_t i = 0; i < calls->n_calls; i++) {
            struct node *node = &planning->replay->nodes->nodes[calls->calls[i].node];
            if (calls->calls[i].node != NODES_ROOT && !node->is_call) {
                node->is_call = true;
                node->gtype = calls->calls[i].gtype;
            }
        }
    }
    for (uint32_t t = 0; t < calls->threads_capacity; t++) {
        const struct call_thread *thread = &calls->threads[t];
        if (thread->plan == calls->plans && thread->has_call && !thread->ranged &&
            t != planning->step->thread)
            add_switch(calls, &(struct call_switch){thread->trail, t, NODES_ROOT});
    }
    if (calls->n_switches)
        qsort(calls->switches, calls->n_switches, sizeof *calls->switches, compare);
}

void call_nodes_plan(struct call_nodes *calls, struct replay *replay)
{
    struct planning planning = {
        .calls = calls,
        .replay = replay,
        .step = &replay->steps->steps[replay->step],
        .before = replay->offset,
    };
    struct capture_event event;
    const uint64_t end = planning.step->end_offset;
    call_nodes_clear(calls);
    if (!steps_has_call_nodes(planning.step))
        return;
    calls->plans++;
    calls->n_calls = 0;
    const size_t begin = replay->capture->at; /* behind the record that began the step */
    thread_of(&planning, planning.step->thread);
    for (size_t at = begin; at <= end && capture_peek(replay->capture, &at, &event);) {
        if (launches_ranges(&planning, &event))
            return;
        read_ahead(&planning, &event);
        planning.before = event.offset;
    }
    make_switches(&planning, begin, end);
}

const struct call_switch *call_nodes_next(struct call_nodes *calls, uint64_t offset)
{
    if (calls->next == calls->n_switches || calls->switches[calls->next].after > offset)
        return NULL;
    return &calls->switches[calls->next++];
}

void call_nodes_clear(struct call_nodes *calls)
{
    calls->n_switches = 0;
    calls->next = 0;
}

void call_nodes_free(struct call_nodes *calls)
{
    for (struct call_name *name = calls->names; name; name = name->hh.next)
        free(name->nodes);
    TABLE_FREE(struct call_name_id, calls->ids);
    TABLE_FREE(struct call_name, calls->names);
    free(calls->switches);
    free(calls->calls);
    free(calls->threads);
    memset(calls, 0, sizeof *calls);
}
