#include "replay/steps.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "graphprof/call_name.h"
#include "graphprof/node_name.h"
#include "replay/step_calls.h"
#include "replay/step_period.h"
#include "replay/step_repeats.h"

static bool matches_patterns(const char *name, const char *patterns)
{
    char pattern[256];
    while (*patterns) {
        size_t length = strcspn(patterns, ",");
        if (length && length < sizeof pattern) {
            memcpy(pattern, patterns, length);
            pattern[length] = '\0';
            if (fnmatch(pattern, name, 0) == 0)
                return true;
        }
        patterns += length + (patterns[length] == ',');
    }
    return false;
}

/* A range that the recorder began for GRAPHPROF_STEP_EVERY. */
static bool is_marker(const char *name) { return strcmp(name, GP_STEP_EVERY_RANGE) == 0; }

bool steps_name_matches(struct steps *steps, const struct facts *facts, uint32_t name)
{
    ARRAY_RESERVE(steps->name_matches, steps->names_capacity, (size_t)name + 1);
    signed char *known = &steps->name_matches[name];
    if (*known == 0) {
        const char *text = strings_text(&facts->strings, name);
        bool yes =
            is_marker(text) || (steps->repeated ? step_repeats_same_name(text, steps->repeated)
                                                : matches_patterns(text, steps->patterns));
        *known = yes ? 1 : -1;
    }
    return *known > 0;
}

bool steps_is_own_domain(const struct facts *facts, uint32_t domain)
{
    return domain != 0 && strcmp(strings_text(&facts->strings, domain), GP_DOMAIN_OWN) == 0;
}

bool steps_domain_counts(const struct facts *facts, uint32_t of_step, uint32_t domain)
{
    return domain == of_step || steps_is_own_domain(facts, domain) ||
           (domain == 0 && steps_is_own_domain(facts, of_step));
}

/* The step that the thread has open, or NULL. */
static struct step *open_step(struct steps *steps, uint32_t thread)
{
    const struct range_thread *of = ranges_thread(&steps->threads, thread);
    for (size_t i = 0; i < of->n_ranges; i++)
        if (of->ranges[i].step >= 0)
            return &steps->steps[of->ranges[i].step];
    return NULL;
}

/* Whether a range of that name is a step where none is open. */
static bool can_be_step(struct steps *steps, const struct facts *facts, uint32_t name)
{
    if (name == 0 || name >= facts->strings.n_entries)
        return false;
    const bool marker = is_marker(strings_text(&facts->strings, name));
    if (steps->every || marker)
        return steps->marked && marker;
    return steps_name_matches(steps, facts, name);
}

static void begin_range(struct steps *steps, struct facts *facts, const struct capture_event *event,
                        uint32_t name, uint32_t domain, bool started, uint64_t id)
{
    name = strings_canonical(&facts->strings, name);
    struct step *open = open_step(steps, event->thread);
    bool is_step = !open && can_be_step(steps, facts, name);
    if (open && steps_domain_counts(facts, open->domain, domain))
        open->ranged = true;
    struct range *range = ranges_push(&steps->threads, event->thread, name, domain);
    range->begin_ns = event->ns;
    if (started) {
        range->started = true;
        range->id = id;
        steps->threads.threads[event->thread].n_started++;
    }
    if (!is_step)
        return;
    const bool outlined = steps->outlined && steps->outlined_thread == event->thread;
    range->step = (int32_t)steps->n_steps;
    ARRAY_RESERVE(steps->steps, steps->capacity, steps->n_steps + 1);
    steps->steps[steps->n_steps++] = (struct step){
        .begin_offset = event->offset,
        .begin_ns = event->ns,
        .thread = event->thread,
        .instance = steps->threads.threads[event->thread].instance,
        .name = name,
        .domain = domain,
        .detailed = steps->detail && !outlined,
        .thinned = outlined,
        .timed = steps->timed,
    };
}

static void end_range(struct steps *steps, struct facts *facts, const struct capture_event *event,
                      uint32_t thread, struct range *range)
{
    if (!range)
        return;
    if (range->step >= 0) {
        struct step *step = &steps->steps[range->step];
        step->complete = true;
        step->end_offset = event->offset;
        step->end_ns = event->ns > step->begin_ns ? event->ns : step->begin_ns;
    }
    if (!steps->repeated && steps->n_steps == 0) {
        size_t depth = (size_t)(range - steps->threads.threads[thread].ranges);
        uint64_t ns = event->ns > range->begin_ns ? event->ns - range->begin_ns : 0;
        step_repeats_add(&steps->repeats, facts, range->name, depth, ns);
    }
    ranges_remove(&steps->threads, thread, range);
}

/* Allocations and calls may be another thread's. GPU times do not mind calls being looked at. */
static void mark_probed(struct steps *steps, bool at_call)
{
    for (size_t t = 0; t < steps->threads.n_threads; t++) {
        const struct range_thread *thread = &steps->threads.threads[t];
        for (size_t i = 0; i < thread->n_ranges; i++)
            if (thread->ranges[i].step >= 0 &&
                !(at_call && steps->steps[thread->ranges[i].step].timed))
                steps->steps[thread->ranges[i].step].probed = true;
    }
}

static void take(struct steps *steps, struct facts *facts, const struct capture_event *event)
{
    const struct gp_record_range *range = (const void *)event->payload;
    const struct gp_record_range_start *start = (const void *)event->payload;
    uint32_t thread = event->thread;
    switch (event->type) {
    case GP_RECORD_THREAD:
        ranges_thread_begins(&steps->threads, event->thread);
        break;
    case GP_RECORD_DETAIL:
        steps->detail = ((const struct gp_record_detail *)(const void *)event->payload)->on != 0;
        break;
    case GP_RECORD_REPEAT:
        steps->outlined =
            ((const struct gp_record_repeat *)(const void *)event->payload)->of != GP_REPEAT_WHOLE;
        steps->outlined_thread = event->thread;
        break;
    case GP_RECORD_TIMED:
        steps->timed = ((const struct gp_record_timed *)(const void *)event->payload)->on != 0;
        break;
    case GP_RECORD_DEVICE_SAMPLE:
        if (capture_sample(event).moment >= GP_SAMPLE_BEFORE_CALL)
            mark_probed(steps, capture_sample(event).moment != GP_SAMPLE_PROBE);
        break;
    case GP_RECORD_RANGE_PUSH:
        begin_range(steps, facts, event, range->name, range->domain, false, 0);
        break;
    case GP_RECORD_RANGE_START:
        begin_range(steps, facts, event, start->name, start->domain, true, start->range);
        break;
    case GP_RECORD_RANGE_POP: {
        struct range *ended = ranges_to_pop(&steps->threads, thread, range->domain);
        end_range(steps, facts, event, thread, ended);
        break;
    }
    case GP_RECORD_RANGE_END: {
        struct range *ended = ranges_to_end(&steps->threads, start->range, &thread);
        end_range(steps, facts, event, thread, ended);
        break;
    }
    default:
        break;
    }
}

static void forget_names(struct steps *steps)
{
    free(steps->name_matches);
    steps->name_matches = NULL;
    steps->names_capacity = 0;
    ranges_clear(&steps->threads);
    steps->detail = true;
    steps->timed = false;
    steps->outlined = false;
}

/* What was asked for, or recorded so far. */
static void ask(struct steps *steps, const struct facts *facts, const struct steps_wanted *wanted)
{
    const char *recorded = facts_text(facts, "GRAPHPROF_STEP");
    steps->patterns = wanted && wanted->patterns ? wanted->patterns
                      : recorded                 ? recorded
                                                 : GP_STEP_PATTERNS_DEFAULT;
    steps->every = wanted ? wanted->every : NULL;
    if (wanted && (wanted->patterns || wanted->every))
        return;
    steps->every = facts_text(facts, "GRAPHPROF_STEP_EVERY");
    if (steps->every && strcmp(steps->every, "none") == 0)
        steps->every = NULL;
    steps->marked = steps->every != NULL;
}

static void look_by_repetition(struct steps *steps, struct facts *facts, struct capture *capture)
{
    struct capture_event event;
    steps->repeated = step_repeats_outermost(steps->repeats);
    if (!steps->repeated)
        return;
    forget_names(steps);
    capture_rewind(capture);
    while (capture_next(capture, &event))
        take(steps, facts, &event);
    steps->found = STEPS_BY_REPETITION;
}

/* Calls tell where no range does. */
static void look_at_calls(struct steps *steps, struct facts *facts, struct capture *capture)
{
    forget_names(steps);
    if (steps->every) {
        steps->marked = false;
        step_calls_scan(steps, facts, capture);
        steps->found = steps->n_steps ? STEPS_BY_CALL : STEPS_NONE;
    } else if (step_period_scan(steps, facts, capture)) {
        steps->found = STEPS_BY_PERIOD;
    }
}

void steps_scan(struct steps *steps, struct facts *facts, struct capture *capture,
                const struct steps_wanted *wanted)
{
    struct capture_event event;
    forget_names(steps);
    ask(steps, facts, wanted);
    while (capture_next(capture, &event)) {
        facts_take(facts, capture, &event);
        if (event.type == GP_RECORD_TEXT)
            ask(steps, facts, wanted);
        if (event.type != GP_RECORD_CALL && event.type != GP_RECORD_FREE)
            take(steps, facts, &event);
    }
    if (steps->n_steps)
        steps->found = steps->every ? STEPS_BY_CALL : STEPS_BY_PATTERN;
    const bool is_default = strcmp(steps->patterns, GP_STEP_PATTERNS_DEFAULT) == 0;
    if (!steps->n_steps && !steps->every && is_default &&
        (capture->header.flags & (GP_CAPTURE_CLOSED | GP_CAPTURE_TRUNCATED)) == GP_CAPTURE_CLOSED)
        look_by_repetition(steps, facts, capture);
    if (!steps->n_steps && (steps->every || is_default))
        look_at_calls(steps, facts, capture);
    steps_choose(steps);
    ranges_clear(&steps->threads);
}

void steps_free(struct steps *steps)
{
    ranges_clear(&steps->threads);
    step_repeats_free(&steps->repeats);
    free(steps->name_matches);
    free(steps->repeated);
    free(steps->counted_before);
    free(steps->steps);
    memset(steps, 0, sizeof *steps);
}

const char *steps_found_by(const struct steps *steps)
{
    static const char *const words[] = {
        [STEPS_NONE] = "-",
        [STEPS_BY_PATTERN] = "pattern",
        [STEPS_BY_REPETITION] = "repetition",
        [STEPS_BY_CALL] = "call",
        [STEPS_BY_PERIOD] = "period",
    };
    return words[steps->found];
}

const char *steps_found_with(const struct steps *steps)
{
    switch (steps->found) {
    case STEPS_BY_PATTERN:
        return steps->patterns;
    case STEPS_BY_REPETITION:
        return steps->repeated;
    case STEPS_BY_CALL:
        return steps->every;
    default:
        return "-";
    }
}
