/*
 * Steps of programs that have no ranges: GRAPHPROF_STEP_EVERY names a call, and each call of it (or
 * each N-th) that succeeds ends a step and begins the next one. What comes before a thread's first
 * such call is set-up and belongs to no step. In the capture such a step is a range that is started
 * and ended, named GP_STEP_EVERY_RANGE, so it is one like any other to whoever reads it.
 *
 * Each thread that makes the call has steps of its own, counted together. At depth 1.
 */
#ifndef GRAPHPROF_STEP_CALLS_H
#define GRAPHPROF_STEP_CALLS_H

#include <stdbool.h>

#include "api_table.h"

struct gp_thread;

/* Takes the option's value; false, and nothing taken, if it is malformed. Before any thread starts.
 */
bool gp_step_calls_set(const char *value);

/* Whether steps are counted by calls. */
bool gp_step_calls_used(void);

/* Read-only once the options are read. */
extern bool gp_step_calls_of[GP_API_COUNT]; /* the functions with that name */
extern bool gp_step_calls_kernels;          /* it is none of these: a kernel's */

/* Whether the kernel has that name. */
bool gp_step_calls_is_kernel(const char *name);

/* A call that steps are counted by has succeeded, and its event is written. */
void gp_step_calls_made(void);

static inline void gp_step_calls_after(enum gp_api api)
{
    if (gp_step_calls_of[api])
        gp_step_calls_made();
}

/* The thread ends: its open step never will. */
void gp_step_calls_leave(struct gp_thread *thread);

#endif
