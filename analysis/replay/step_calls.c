#include "replay/step_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "graphprof/call_name.h"

struct counting {
    struct steps *steps;
    const struct facts *facts;
    struct gp_call_every call;
    bool *apis;           /* [n_apis] it is a function of that name */
    signed char *kernels; /* by canonical string id: 0 not asked yet, 1 yes, -1 no */
    size_t kernels_capacity;
    bool known;                     /* the capture has such a function or kernel */
    uint64_t calls[GP_THREADS_MAX]; /* by thread index */
    size_t open[GP_THREADS_MAX];    /* index of its open step + 1 */
};

static void look_at_apis(struct counting *counting)
{
    const struct facts *facts = counting->facts;
    counting->apis = memory_zeroed(facts->n_apis + 1, sizeof *counting->apis);
    for (size_t i = 0; i < facts->n_apis; i++) {
        const struct fact_api *api = &facts->apis[i];
        counting->apis[i] =
            api->known && gp_call_is(strings_text(&facts->strings, api->name), counting->call.name);
        counting->known |= counting->apis[i];
    }
}

static bool is_kernel(struct counting *counting, uint32_t name)
{
    const struct strings *strings = &counting->facts->strings;
    if (name == 0 || name >= strings->n_entries)
        return false;
    name = strings_canonical(strings, name);
    ARRAY_RESERVE(counting->kernels, counting->kernels_capacity, (size_t)name + 1);
    if (counting->kernels[name] == 0) {
        const bool yes = gp_kernel_is(strings_text(strings, name), counting->call.name);
        counting->kernels[name] = yes ? 1 : -1;
        counting->known |= yes;
    }
    return counting->kernels[name] > 0;
}

static bool is_counted(struct counting *counting, const struct capture_event *event)
{
    const struct gp_record_call *call = (const void *)event->payload;
    uint32_t api = 0;
    if (event->type == GP_RECORD_ALLOC)
        api = ((const struct gp_record_alloc *)(const void *)event->payload)->api;
    else if (event->type == GP_RECORD_FREE)
        api = ((const struct gp_record_free *)(const void *)event->payload)->api;
    else if (event->type == GP_RECORD_CALL)
        api = call->api;
    else
        return false;
    if (api < counting->facts->n_apis && counting->apis[api])
        return true;
    return event->type == GP_RECORD_CALL && is_kernel(counting, call->aux);
}

static void take_call(struct counting *counting, const struct capture_event *event)
{
    struct steps *steps = counting->steps;
    size_t *open = &counting->open[event->thread];
    if (++counting->calls[event->thread] % counting->call.every != 0)
        return;
    if (*open) {
        struct step *step = &steps->steps[*open - 1];
        step->complete = true;
        step->end_offset = event->offset + STEP_END_BEHIND;
        step->end_ns = event->ns;
    }
    ARRAY_RESERVE(steps->steps, steps->capacity, steps->n_steps + 1);
    steps->steps[steps->n_steps++] = (struct step){
        .begin_offset = event->offset + STEP_BEGIN_BEHIND,
        .begin_ns = event->ns,
        .thread = event->thread,
        .instance = ranges_thread(&steps->threads, event->thread)->instance,
        .by_calls = true,
        .detailed = steps->detail,
        .timed = steps->timed,
    };
    *open = steps->n_steps;
}

/* What happens in the capture as a whole marks every step that is open then. */
static void mark_open(struct counting *counting, bool undetailed, bool probed)
{
    for (size_t t = 0; t < counting->steps->threads.n_threads; t++) {
        if (!counting->open[t])
            continue;
        struct step *step = &counting->steps->steps[counting->open[t] - 1];
        step->detailed &= !undetailed;
        step->probed |= probed;
    }
}

static void take_range(struct counting *counting, const struct capture_event *event)
{
    const bool is_start = event->type == GP_RECORD_RANGE_START;
    const struct gp_record_range *pushed = (const void *)event->payload;
    const struct gp_record_range_start *started = (const void *)event->payload;
    const char *name =
        strings_text(&counting->facts->strings, is_start ? started->name : pushed->name);
    const uint32_t domain = is_start ? started->domain : pushed->domain;
    const size_t open = counting->open[event->thread];
    if (open && steps_domain_counts(counting->facts, 0, domain) &&
        strcmp(name, GP_STEP_EVERY_RANGE) != 0)
        counting->steps->steps[open - 1].ranged = true;
}

static void take(struct counting *counting, const struct capture_event *event)
{
    struct steps *steps = counting->steps;
    switch (event->type) {
    case GP_RECORD_THREAD:
        ranges_thread_begins(&steps->threads, event->thread);
        counting->calls[event->thread] = 0;
        counting->open[event->thread] = 0;
        break;
    case GP_RECORD_DETAIL:
        steps->detail = event->payload[0] != 0;
        if (!steps->detail)
            mark_open(counting, true, false);
        break;
    case GP_RECORD_TIMED:
        steps->timed = event->payload[0] != 0;
        break;
    case GP_RECORD_DEVICE_SAMPLE:
        if (capture_sample(event).moment >= GP_SAMPLE_BEFORE_CALL)
            mark_open(counting, false, true);
        break;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_START:
        take_range(counting, event);
        break;
    default:
        if (is_counted(counting, event))
            take_call(counting, event);
        break;
    }
}

void step_calls_scan(struct steps *steps, struct facts *facts, struct capture *capture)
{
    struct capture_event event;
    struct counting *counting = memory_zeroed(1, sizeof *counting);
    counting->steps = steps;
    counting->facts = facts;
    if (gp_call_every_parse(steps->every, &counting->call)) {
        look_at_apis(counting);
        capture_rewind(capture);
        while (capture_next(capture, &event))
            take(counting, &event);
    }
    if (!counting->known)
        snprintf(steps->fault, sizeof steps->fault,
                 "%s: expected the name of an intercepted function or of a kernel of this capture "
                 "to count steps by, found '%s'",
                 capture->path, steps->every);
    free(counting->apis);
    free(counting->kernels);
    free(counting);
}
