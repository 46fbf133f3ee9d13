#include "account/node_steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void node_steps_init(struct node_steps *steps, size_t n_nodes)
{
    memset(steps, 0, sizeof *steps);
    steps->nodes = memory_zeroed(n_nodes, sizeof *steps->nodes);
    steps->n_nodes = n_nodes;
}

void node_steps_free(struct node_steps *steps)
{
    for (size_t i = 0; i < steps->n_nodes; i++) {
        free(steps->nodes[i].samples);
        free(steps->nodes[i].levels);
        free(steps->nodes[i].gpu);
        free(steps->nodes[i].peaks);
    }
    free(steps->nodes);
    free(steps->begun);
    free(steps->sequence);
    free(steps->places);
    memset(steps, 0, sizeof *steps);
}

/* One that has no place yet stands behind the one before it, which may have one. Returns where the
   next one's would be. */
static uint32_t *put_in_order(struct node_steps *steps, uint32_t *link, uint32_t node)
{
    struct node_account *of = &steps->nodes[node];
    if (!of->is_ordered) {
        of->is_ordered = true;
        of->after = *link;
        *link = node + 1;
    }
    return &of->after;
}

static void put_step_in_order(struct node_steps *steps)
{
    uint32_t *link = &steps->first;
    for (size_t i = 0; i < steps->n_sequence; i++)
        link = put_in_order(steps, link, steps->sequence[i]);
}

static void note_sequence(struct node_steps *steps, uint32_t node)
{
    ARRAY_RESERVE(steps->sequence, steps->sequence_capacity, steps->n_sequence + 1);
    steps->sequence[steps->n_sequence++] = node;
}

void node_steps_begin(struct node_steps *steps, uint32_t node, uint64_t live,
                      const uint64_t *by_role)
{
    struct node_account *of = &steps->nodes[node];
    if (!of->began) {
        of->began = true;
        of->worked_now = false;
        of->now = (struct node_levels){.active_before = live, .peak = live};
        of->now_ns = 0;
        of->now_peaked = steps->moment + 1;
        memcpy(of->now_by_role, by_role, sizeof of->now_by_role);
        ARRAY_RESERVE(steps->begun, steps->begun_capacity, steps->n_begun + 1);
        steps->begun[steps->n_begun++] = node;
        if (node != NODES_ROOT)
            note_sequence(steps, node);
    }
    of->now.calls++;
    node_steps_resume(steps, node, live);
    node_steps_level(steps, node, live, by_role);
}

void node_steps_resume(struct node_steps *steps, uint32_t node, uint64_t live)
{
    steps->nodes[node].now_innermost = ++steps->moment;
    steps->nodes[node].now_entered = live;
}

void node_steps_level(struct node_steps *steps, uint32_t node, uint64_t live,
                      const uint64_t *by_role)
{
    struct node_account *of = &steps->nodes[node];
    of->now.active_after = live;
    if (live <= of->now.peak)
        return;
    of->now.peak = live;
    if (of->now_peaked != of->now_innermost && node != NODES_ROOT)
        of->now.active_before = of->now_entered;
    of->now_peaked = of->now_innermost;
    memcpy(of->now_by_role, by_role, sizeof of->now_by_role);
}

void node_steps_worked(struct node_steps *steps, uint32_t node)
{
    if (node == NODES_ROOT && !steps->nodes[node].worked_now) {
        note_sequence(steps, node);
        steps->root_place = steps->nodes[node].now_innermost;
    }
    steps->nodes[node].worked_now = true;
}

static void keep_peak(struct node_account *of, bool is_reference)
{
    struct node_peak *same = NULL;
    for (size_t i = 0; i < of->n_peaks && !same; i++)
        if (of->peaks[i].bytes == of->now.peak)
            same = &of->peaks[i];
    if (same && (same->of_reference || !is_reference))
        return;
    if (!same) {
        ARRAY_RESERVE(of->peaks, of->peaks_capacity, of->n_peaks + 1);
        same = &of->peaks[of->n_peaks++];
    }
    same->bytes = of->now.peak;
    same->of_reference = is_reference;
    memcpy(same->by_role, of->now_by_role, sizeof same->by_role);
}

/* Adds the step's sample. True: its levels are not those of the sample before. */
static bool add_sample(struct node_account *of, uint32_t step)
{
    const bool changed =
        of->n_samples == 0 || memcmp(&of->levels[of->n_levels - 1], &of->now, sizeof of->now) != 0;
    if (changed) {
        ARRAY_RESERVE(of->levels, of->levels_capacity, of->n_levels + 1);
        of->levels[of->n_levels++] = of->now;
    }
    ARRAY_RESERVE(of->samples, of->samples_capacity, of->n_samples + 1);
    of->samples[of->n_samples++] =
        (struct node_sample){.step = step, .levels = (uint32_t)of->n_levels - 1, .ns = of->now_ns};
    return changed;
}

static int by_moment(const void *a, const void *b)
{
    const struct node_place *x = a, *y = b;
    return (x->moment > y->moment) - (x->moment < y->moment);
}

static void keep_places(struct node_steps *steps)
{
    free(steps->places);
    steps->n_places = steps->n_sequence;
    steps->places = memory_zeroed(steps->n_places + 1, sizeof *steps->places);
    for (size_t i = 0; i < steps->n_sequence; i++) {
        const uint32_t node = steps->sequence[i];
        steps->places[i].node = node;
        steps->places[i].moment =
            node == NODES_ROOT ? steps->root_place : steps->nodes[node].now_peaked;
    }
    qsort(steps->places, steps->n_places, sizeof *steps->places, by_moment);
}

void node_steps_settle_order(struct node_steps *steps)
{
    const uint32_t first = steps->first;
    uint32_t *order = memory_zeroed(steps->n_nodes + 1, sizeof *order);
    size_t n = 0;
    for (uint32_t at = first; at; at = steps->nodes[at - 1].after)
        order[n++] = at - 1;
    for (size_t i = 0; i < n; i++)
        steps->nodes[order[i]].is_ordered = false;
    steps->first = 0;
    uint32_t *link = &steps->first;
    for (size_t i = 0; i < steps->n_places; i++)
        link = put_in_order(steps, link, steps->places[i].node);
    link = &steps->first;
    for (size_t i = 0; i < n; i++)
        link = put_in_order(steps, link, order[i]);
    free(order);
}

void node_steps_end(struct node_steps *steps, uint32_t step, bool is_reference)
{
    for (size_t i = 0; i < steps->n_begun; i++) {
        struct node_account *of = &steps->nodes[steps->begun[i]];
        of->began = false;
        of->worked |= of->worked_now;
        if (add_sample(of, step) || is_reference)
            keep_peak(of, is_reference);
    }
    put_step_in_order(steps);
    if (is_reference)
        keep_places(steps);
    steps->n_begun = 0;
    steps->n_sequence = 0;
    steps->moment = 0;
}

struct node_gpu node_gpu_of(const struct node_account *of, const struct node_sample *sample)
{
    return sample->gpu ? of->gpu[sample->gpu - 1] : (struct node_gpu){0};
}

struct node_gpu *node_gpu_to(struct node_account *of, struct node_sample *sample)
{
    if (!sample->gpu) {
        ARRAY_RESERVE(of->gpu, of->gpu_capacity, of->n_gpu + 1);
        sample->gpu = (uint32_t)++of->n_gpu;
    }
    return &of->gpu[sample->gpu - 1];
}
