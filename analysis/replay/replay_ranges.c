#include "replay/replay_ranges.h"

#include <string.h>

#include "graphprof/node_name.h"

#define TELL(replay, event, ...)                                                                   \
    do {                                                                                           \
        if ((replay)->visitor->event)                                                              \
            (replay)->visitor->event(__VA_ARGS__);                                                 \
    } while (0)

/*
 * Gives the time since the thread's last change of ranges to the node that was innermost. Each
 * moment of a step in its own thread is given to one node, so the nodes' times add up to the
 * step's. In another thread time counts only inside a range.
 */
static void charge(struct replay *replay, uint32_t thread, uint64_t ns)
{
    if (replay->step == REPLAY_NO_STEP)
        return;
    struct range_thread *of = ranges_thread(&replay->threads, thread);
    const struct step *step = &replay->steps->steps[replay->step];
    uint64_t from = of->charged_ns > step->begin_ns ? of->charged_ns : step->begin_ns;
    if (ns <= from)
        return;
    of->charged_ns = ns;
    uint64_t serial;
    uint32_t node = replay_node(replay, thread, &serial);
    if (node != NODES_ROOT || thread == step->thread)
        TELL(replay, spent, replay->context, thread, node, ns - from);
}

void replay_enter_node(struct replay *replay, struct range *range)
{
    if (replay->step == REPLAY_NO_STEP || !range->is_node || range->node == NODES_ROOT)
        return;
    range->entered = true;
    TELL(replay, node_began, replay->context, range);
}

void replay_leave_node(struct replay *replay, struct range *range)
{
    if (range->entered)
        TELL(replay, node_ended, replay->context, range);
    range->entered = false;
}

static void end_step(struct replay *replay, uint64_t ns)
{
    for (uint32_t t = 0; t < replay->threads.n_threads; t++) {
        charge(replay, t, ns);
        for (size_t i = replay->threads.threads[t].n_ranges; i-- > 0;)
            replay_leave_node(replay, &replay->threads.threads[t].ranges[i]);
    }
    TELL(replay, step_ended, replay->context);
    replay->step = REPLAY_NO_STEP;
}

/*
 * Ranges that other threads have open when a step begins are entered then. Those of its own thread,
 * such as an epoch, lie around the step and are no part of it.
 */
static void begin_step(struct replay *replay)
{
    if (replay->step != REPLAY_NO_STEP)
        end_step(replay, replay->ns); /* the step before never ended */
    replay->step = replay->next_step++;
    TELL(replay, step_began, replay->context);
    for (uint32_t t = 0; t < replay->threads.n_threads; t++)
        for (size_t i = 0; t != replay->thread && i < replay->threads.threads[t].n_ranges; i++)
            replay_enter_node(replay, &replay->threads.threads[t].ranges[i]);
}

static bool is_next_step(const struct replay *replay)
{
    return replay->next_step < replay->steps->n_steps &&
           replay->steps->steps[replay->next_step].begin_offset == replay->offset;
}

static bool is_own_domain(const struct replay *replay, uint32_t domain)
{
    return domain != 0 && strcmp(strings_text(&replay->facts->strings, domain), GP_DOMAIN_OWN) == 0;
}

/*
 * Ranges of the steps' domain add to the path. So do those of graphprof's own hooks, but for a step
 * of theirs that the program's own steps made none; and where theirs are the steps, the program's
 * ranges in the default domain.
 */
static bool adds_to_path(const struct replay *replay, const struct range *range, bool named_as_step)
{
    if (range->domain == replay->steps->domain)
        return true;
    if (is_own_domain(replay, range->domain))
        return !named_as_step;
    return range->domain == 0 && is_own_domain(replay, replay->steps->domain);
}

/*
 * The node of a thread's new range, its last. A step's range, or what another thread
 * calls a step, begins a path anew; a range of a domain that does not count adds nothing to the
 * path.
 */
static void place(struct replay *replay, const struct range_thread *of, struct range *range,
                  bool is_step)
{
    const struct range *above = range > of->ranges ? range - 1 : NULL;
    range->node = above ? above->node : NODES_ROOT;
    range->matches = above && above->matches;
    bool named = range->name != 0 && range->name < replay->facts->strings.n_entries;
    bool named_as_step = named && steps_name_matches(replay->steps, replay->facts, range->name);
    if (is_step || (!range->matches && named_as_step && range->domain == replay->steps->domain)) {
        range->node = NODES_ROOT;
        range->matches = true;
        range->is_node = true; /* innermost: the work is the step's own */
        return;
    }
    range->is_node = adds_to_path(replay, range, named_as_step);
    if (range->is_node)
        range->node = nodes_child(replay->nodes, replay->facts, range->node, range->name);
}

void replay_range_begins(struct replay *replay, const struct capture_event *event)
{
    bool is_start = event->type == GP_RECORD_RANGE_START;
    const struct gp_record_range *pushed = (const void *)event->payload;
    const struct gp_record_range_start *started = (const void *)event->payload;
    uint32_t name = is_start ? started->name : pushed->name;
    uint32_t domain = is_start ? started->domain : pushed->domain;

    charge(replay, event->thread, event->ns);
    bool is_step = is_next_step(replay);
    if (is_step)
        begin_step(replay);
    struct range_thread *of = ranges_thread(&replay->threads, event->thread);
    name = strings_canonical(&replay->facts->strings, name);
    struct range *range = ranges_push(&replay->threads, event->thread, name, domain);
    range->begin_ns = event->ns;
    if (is_start) {
        range->started = true;
        range->id = started->range;
        of->n_started++;
    }
    place(replay, of, range, is_step);
    replay_enter_node(replay, range);
}

void replay_range_ends(struct replay *replay, const struct capture_event *event)
{
    const struct gp_record_range *popped = (const void *)event->payload;
    const struct gp_record_range_start *ended = (const void *)event->payload;
    uint32_t thread = event->thread;
    struct range *range = event->type == GP_RECORD_RANGE_END
                              ? ranges_to_end(&replay->threads, ended->range, &thread)
                              : ranges_to_pop(&replay->threads, thread, popped->domain);
    if (!range)
        return;
    charge(replay, thread, event->ns);
    bool ends_step = replay->step != REPLAY_NO_STEP &&
                     replay->steps->steps[replay->step].end_offset == replay->offset;
    if (ends_step)
        end_step(replay, event->ns);
    else
        replay_leave_node(replay, range);
    ranges_remove(&replay->threads, thread, range);
}
