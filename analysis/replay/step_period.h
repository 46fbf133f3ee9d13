/*
 * Steps that nothing marks: what the program calls comes again and again, and a step is one period
 * of that. Looked at are the calls of the thread that makes most compute calls: each launch (with
 * the kernel's name), compute call, copy and synchronisation, and each allocation with its bytes;
 * frees do not count, since when they come may be chance.
 *
 * The period is sought in the last STEP_PERIOD_WINDOW of them: the one whose repetition, three
 * times at least, is longest, and the smallest of those that are nearly as long. Then each
 * occurrence of one period in the whole capture is a step, so that steps which differ (the first,
 * which sets things up; a validation) are none. If less than half of the thread's compute calls are
 * in steps, the program does not repeat and there are none.
 *
 * Where in the period the step begins: behind the last call of the optimizer, by the kernel's name,
 * and what copies its result to the host or waits for it; else before the first call whose name
 * says forward, with what is allocated and copied for it; else behind a synchronisation; else where
 * the repetition begins. Frees directly behind the last call belong to the step.
 */
#ifndef ANALYSIS_REPLAY_STEP_PERIOD_H
#define ANALYSIS_REPLAY_STEP_PERIOD_H

#include "replay/steps.h"

#define STEP_PERIOD_WINDOW (1u << 20) /* calls: bounds memory to some 50 MB */

/* Reads the capture anew and adds the steps. False: nothing repeats. */
bool step_period_scan(struct steps *steps, struct facts *facts, struct capture *capture);

#endif
