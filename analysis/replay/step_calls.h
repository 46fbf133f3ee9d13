/*
 * Steps that no range marks, counted by a call: each N-th call of a name in a thread ends a step of
 * that thread and begins the next, directly behind its record. What comes before the first is
 * set-up and belongs to no step. The recorder does the same where it is asked to while the program
 * runs (preload/step_calls.h); this is for captures that were made without.
 */
#ifndef ANALYSIS_REPLAY_STEP_CALLS_H
#define ANALYSIS_REPLAY_STEP_CALLS_H

#include "replay/steps.h"

/*
 * Reads the capture anew and adds the steps that steps->every tells. facts are complete. If the
 * capture has no function and no kernel of that name, steps->fault says so.
 */
void step_calls_scan(struct steps *steps, struct facts *facts, struct capture *capture);

#endif
