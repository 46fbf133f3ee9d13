#include "replay/replay_ranges.h"

#define TELL(replay, event, ...)                                                                   \
    do {                                                                                           \
        if ((replay)->visitor->event)                                                              \
            (replay)->visitor->event(__VA_ARGS__);                                                 \
    } while (0)

/* Ids of ranges that stand in no record: no program's range has one of these. */
#define CALL_RANGE UINT64_MAX
#define STEP_RANGE (UINT64_MAX - 1)

static bool lies_below(const struct nodes *nodes, uint32_t node, uint32_t above)
{
    while (node != NODES_ROOT && node != above)
        node = nodes->nodes[node].parent;
    return node == above;
}

/* Another thread is at work in a part of that node: the step's thread waits for it, as PyTorch's
   does in the backward pass. What lies beside the ranges may be anything. */
static bool waits(const struct replay *replay, uint32_t node)
{
    if (node == NODES_ROOT)
        return false;
    for (uint32_t t = 0; t < replay->threads.n_threads; t++) {
        uint64_t serial;
        const uint32_t other = replay_node(replay, t, &serial);
        if (other != node && lies_below(replay->nodes, other, node))
            return true;
    }
    return false;
}

static void charge_thread(struct replay *replay, uint32_t thread, const struct step *step,
                          uint64_t ns)
{
    struct range_thread *of = ranges_thread(&replay->threads, thread);
    uint64_t from = of->charged_ns > step->begin_ns ? of->charged_ns : step->begin_ns;
    if (ns <= from)
        return;
    of->charged_ns = ns;
    uint64_t serial;
    uint32_t node = replay_node(replay, thread, &serial);
    if (thread == step->thread ? !waits(replay, node) : node != NODES_ROOT)
        replay->visitor->spent(replay->context, thread, node, ns - from);
}

/*
 * Gives the time since the thread's last change of ranges to the node that was innermost. Each
 * moment of a step in its own thread is given to one node, unless that waits for a part of itself
 * in another thread, where time counts only inside a range: so the nodes' times add up to the
 * step's and what threads do side by side.
 */
static void charge(struct replay *replay, uint32_t thread, uint64_t ns)
{
    if (replay->step == REPLAY_NO_STEP || !replay->visitor->spent)
        return;
    const struct step *step = &replay->steps->steps[replay->step];
    if (thread != step->thread)
        charge_thread(replay, step->thread, step, ns); /* it may wait no longer, or from now on */
    charge_thread(replay, thread, step, ns);
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

/* The innermost range of that kind in the thread, or NULL. */
static struct range *made_range(struct replay *replay, uint32_t thread, uint64_t kind)
{
    struct range_thread *of = ranges_thread(&replay->threads, thread);
    for (size_t i = of->n_ranges; i-- > 0;)
        if (of->ranges[i].started && of->ranges[i].id == kind)
            return &of->ranges[i];
    return NULL;
}

/* A range that stands in no record, in the steps' domain. */
static struct range *make_range(struct replay *replay, uint32_t thread, uint64_t kind,
                                uint32_t node)
{
    struct range *range = ranges_push(&replay->threads, thread, 0, replay->steps->domain);
    range->begin_ns = replay->ns;
    range->started = true;
    range->id = kind;
    range->node = node;
    range->matches = true;
    range->is_node = true;
    ranges_thread(&replay->threads, thread)->n_started++;
    return range;
}

static void remove_made(struct replay *replay, uint32_t thread, uint64_t kind)
{
    struct range *range = made_range(replay, thread, kind);
    if (range)
        ranges_remove(&replay->threads, thread, range);
}

/* The thread goes on to the next call's node; NODES_ROOT: there is none. */
static void switch_call_node(struct replay *replay, const struct call_switch *to)
{
    charge(replay, to->thread, replay->ns);
    struct range *range = made_range(replay, to->thread, CALL_RANGE);
    if (range) {
        replay_leave_node(replay, range);
        ranges_remove(&replay->threads, to->thread, range);
    }
    if (to->node != NODES_ROOT)
        replay_enter_node(replay, make_range(replay, to->thread, CALL_RANGE, to->node));
}

/* What another thread calls a step lies around the node of its call. */
static void keep_call_innermost(struct range_thread *of)
{
    if (of->n_ranges < 2 || of->ranges[of->n_ranges - 2].id != CALL_RANGE)
        return;
    const struct range call = of->ranges[of->n_ranges - 2];
    of->ranges[of->n_ranges - 2] = of->ranges[of->n_ranges - 1];
    of->ranges[of->n_ranges - 1] = call;
}

/* Its calls' nodes have ended with the step, whoever ended that. */
static void forget_call_nodes(struct replay *replay)
{
    for (uint32_t t = 0; t < replay->threads.n_threads; t++)
        remove_made(replay, t, CALL_RANGE);
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
    call_nodes_clear(&replay->calls);
    forget_call_nodes(replay);
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
    call_nodes_plan(&replay->calls, replay);
}

void replay_call_ranges(struct replay *replay)
{
    const struct step *step =
        replay->step != REPLAY_NO_STEP ? &replay->steps->steps[replay->step] : NULL;
    if (step && step->by_calls && step->end_offset == replay->offset + STEP_END_BEHIND) {
        const uint32_t thread = step->thread;
        end_step(replay, step->end_ns);
        remove_made(replay, thread, STEP_RANGE);
    }
    step = replay->next_step < replay->steps->n_steps ? &replay->steps->steps[replay->next_step]
                                                      : NULL;
    if (step && step->by_calls && step->begin_offset == replay->offset + STEP_BEGIN_BEHIND) {
        charge(replay, step->thread, replay->ns);
        begin_step(replay);
        make_range(replay, step->thread, STEP_RANGE, NODES_ROOT);
    }
    for (const struct call_switch *to;
         (to = call_nodes_next(&replay->calls, replay->offset)) != NULL;)
        switch_call_node(replay, to);
}

static bool is_next_step(const struct replay *replay)
{
    return replay->next_step < replay->steps->n_steps &&
           replay->steps->steps[replay->next_step].begin_offset == replay->offset;
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
    if (steps_is_own_domain(replay->facts, range->domain))
        return !named_as_step;
    return steps_domain_counts(replay->facts, replay->steps->domain, range->domain);
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
    if (!is_step && range->is_node && range->node == NODES_ROOT)
        keep_call_innermost(of);
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
