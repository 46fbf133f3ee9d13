/* Which of the steps that were found count, and which of these give times. */
#include "replay/steps.h"

#include <stdlib.h>

#include "base/array.h"

/* Keeps the steps of the thread that began most, complete ones first of all. */
static void keep_one_thread(struct steps *steps)
{
    uint64_t *votes = memory_zeroed(steps->threads.last_instance + 1, sizeof *votes);
    uint32_t chosen = 0;
    for (size_t i = 0; i < steps->n_steps; i++)
        votes[steps->steps[i].instance] += 1 + (steps->steps[i].complete ? 1UL << 32 : 0);
    for (uint32_t t = 1; t < steps->threads.last_instance; t++)
        if (votes[t] > votes[chosen])
            chosen = t;
    free(votes);
    size_t kept = 0;
    for (size_t i = 0; i < steps->n_steps; i++)
        if (steps->steps[i].instance == chosen)
            steps->steps[kept++] = steps->steps[i];
    steps->n_steps = kept;
    steps->domain = kept ? steps->steps[0].domain : 0;
}

/* Probed steps count where there is nothing else to count. */
static bool is_usable(const struct step *step, bool with_probed)
{
    return step->complete && step->detailed && (with_probed || !step->probed);
}

/* Index of the first step that counts. */
static size_t first_counted(const struct steps *steps, bool *with_probed)
{
    size_t first = 0;
    size_t usable = 0;
    size_t not_probed = 0;
    for (size_t i = steps->n_steps; i-- > 0;)
        if (is_usable(&steps->steps[i], true)) {
            first = i;
            usable++;
            not_probed += !steps->steps[i].probed;
        }
    if (usable >= 3) {
        not_probed -= !steps->steps[first].probed;
        first++;
    }
    *with_probed = not_probed == 0;
    return first;
}

static void choose_counted(struct steps *steps)
{
    bool with_probed;
    const size_t first = first_counted(steps, &with_probed);
    size_t n_of[2] = {0, 0}; /* steps not timed and timed, each with a selection of its own */
    for (size_t i = 0; i < steps->n_steps; i++)
        steps->n_complete += steps->steps[i].complete;
    for (size_t i = first; i < steps->n_steps; i++)
        if (is_usable(&steps->steps[i], with_probed))
            n_of[steps->steps[i].timed]++;
    const size_t most = n_of[0] && n_of[1] ? STEPS_COUNTED_MAX / 2 : STEPS_COUNTED_MAX;
    size_t passed[2] = {0, 0};
    steps->counted_before = memory_zeroed(steps->n_steps + 1, sizeof *steps->counted_before);
    for (size_t i = 0; i < steps->n_steps; i++) {
        struct step *step = &steps->steps[i];
        if (i >= first && is_usable(step, with_probed)) {
            const size_t stride = (n_of[step->timed] + most - 1) / most;
            step->counted = passed[step->timed]++ % stride == 0;
        }
        steps->n_counted += step->counted;
        steps->counted_before[i + 1] = (uint32_t)steps->n_counted;
    }
}

static void choose_clocked(struct steps *steps)
{
    bool all_timed = true;
    for (size_t i = 0; i < steps->n_steps; i++)
        all_timed &= !steps->steps[i].counted || steps->steps[i].timed;
    for (size_t i = 0; i < steps->n_steps; i++) {
        struct step *step = &steps->steps[i];
        step->clocked = step->counted && (all_timed || !step->timed);
    }
}

/* Those that were taken back are none of those timed on the GPU. */
static void choose_times(struct steps *steps)
{
    bool all_timed = true;
    for (size_t i = 0; i < steps->n_steps; i++) {
        all_timed &= !steps->steps[i].clocked || steps->steps[i].timed;
        steps->n_thinned += steps->steps[i].complete && steps->steps[i].thinned;
    }
    const bool thinned_alone = all_timed && steps->n_thinned > 0;
    for (size_t i = 0; i < steps->n_steps; i++) {
        struct step *step = &steps->steps[i];
        step->gives_time =
            (step->clocked && !thinned_alone) || (step->complete && step->thinned && !step->probed);
        steps->n_times += step->gives_time;
    }
}

void steps_choose(struct steps *steps)
{
    keep_one_thread(steps);
    choose_counted(steps);
    choose_clocked(steps);
    choose_times(steps);
}

bool steps_have_calls(const struct steps *steps)
{
    for (size_t i = 0; i < steps->n_steps; i++)
        if (steps->steps[i].by_calls || steps_has_call_nodes(&steps->steps[i]))
            return true;
    return false;
}

uint64_t steps_capture_bytes(const struct steps *steps)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < steps->n_steps; i++)
        if (steps->steps[i].counted)
            bytes += steps->steps[i].end_offset - steps->steps[i].begin_offset;
    return bytes / steps->n_counted;
}
