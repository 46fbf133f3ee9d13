/*
 * Which NVTX ranges are steps (GRAPHPROF_STEP), which steps are recorded in detail
 * (GRAPHPROF_STEPS) and which of these are timed on the GPU (GRAPHPROF_TIME_STEPS). Steps are
 * counted from 0 over the process, in the order in which they begin on any thread; a step inside an
 * open step of the same thread is an ordinary range.
 */
#ifndef GRAPHPROF_STEP_FILTER_H
#define GRAPHPROF_STEP_FILTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Take an option's value; false, and nothing taken, if it is malformed. Before any thread starts.
 */
bool gp_step_filter_patterns(const char *patterns);
bool gp_step_filter_steps(const char *steps);
bool gp_step_filter_time_steps(const char *steps);

/* Whether a range of this name is a step. `id` is the name's string id (what was found is kept by
 * it). */
bool gp_step_filter_is_step(uint32_t id, const char *name);

/* The number of the step that begins now. */
uint64_t gp_step_filter_next(void);

/* Whether the step of this number is to be recorded in detail. `changed`: the step before it was
 * like none before (step_changes.h), which counts where no steps were asked for. */
bool gp_step_filter_wants(uint64_t step, bool changed);

/* GRAPHPROF_STEPS=auto: whether the step of this number is judged when it is over (step_fold.h);
 * whether it then stays in detail whatever it was, in a capture of so many bytes: fewer and fewer,
 * so that the capture stays small; and whether there is room for one that is like none before. */
bool gp_step_filter_judges(uint64_t step, uint64_t bytes);
bool gp_step_filter_chooses(uint64_t step, uint64_t bytes);
bool gp_step_filter_has_room(uint64_t bytes);

/* Whether the step of this number, of the recorded ones the one with that number (from 0), is to be
 * timed on the GPU. */
bool gp_step_filter_times(uint64_t step, uint64_t recorded);

/* Whether any step may be timed. */
bool gp_step_filter_times_any(void);

extern atomic_bool gp_step_filter_detail; /* see gp_detail */

/*
 * Whether ranges inside steps, calls and marks are recorded at the moment. True until a step that
 * is not wanted begins: what comes before the first step (parameters being made) belongs to all.
 */
static inline bool gp_detail(void)
{
    return atomic_load_explicit(&gp_step_filter_detail, memory_order_relaxed);
}

#endif
