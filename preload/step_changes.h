/*
 * Whether a step's allocations were like those of a step before: the sizes, the functions and the
 * number of its allocations and frees, of all threads and in any order, what lies behind it up to
 * the next step included. Any thread may call these.
 */
#ifndef GRAPHPROF_STEP_CHANGES_H
#define GRAPHPROF_STEP_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

#define GP_STEP_CHANGES_MAX                                                                        \
    512u /* different steps that are told apart; what comes behind is known */

/* An allocation of so many bytes, or a free (0), by an API of that number. */
void gp_step_changes_note(unsigned api, uint64_t bytes);

/* A step begins: true if the one before was like none before it. */
bool gp_step_changes_next(void);

#endif
