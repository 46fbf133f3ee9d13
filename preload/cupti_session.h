/*
 * CUPTI, for timing work on the GPU and for memory that libraries take, in plain types: only
 * cupti_*.c know the vendor's. All but gp_cupti_clock are called by one thread at a time, at depth
 * 1 or deeper, with no lock held.
 *
 * What is written to the capture: a CORRELATION record where the program (or a library below it)
 * submits work, in the submitting thread and so inside its open ranges; a KERNEL record when CUPTI
 * hands a buffer of finished work over, in whatever thread that is.
 *
 * Why the launch callbacks of the driver: they tell who submits, for every library, also those with
 * a cudart of their own, and cost 0.5 ms in a step of 1500 launches. The records that CUPTI itself
 * offers for this (runtime and driver API records, and the external correlation ids that come with
 * them) cost 1.5 ms more. The runtime's callbacks would tell the same launches a second time, under
 * the same correlation ids.
 */
#ifndef GRAPHPROF_CUPTI_SESSION_H
#define GRAPHPROF_CUPTI_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the driver's library is loaded: starting CUPTI loads and initialises it otherwise, which
   a program that forks before it uses CUDA must not have done to it. */
bool gp_cupti_driver_is_loaded(void);

enum gp_cupti {
    GP_CUPTI_STARTED,
    GP_CUPTI_ABSENT, /* not installed, or it does not work here */
    GP_CUPTI_HELD    /* another tool has it */
};

/* Loads CUPTI and becomes its subscriber; memory that is given out below what is intercepted is
   recorded from here on. If that cannot be, `why` says why. Once. */
enum gp_cupti gp_cupti_start(char *why, size_t why_bytes);

/* From now on work is recorded, or not. False: CUPTI refused (`why`); nothing is recorded then. */
bool gp_cupti_record(bool on, char *why, size_t why_bytes);

/* Hands over what has finished; with `all` also what has not, its times unknown. Never waits for
   the GPU. */
void gp_cupti_flush(bool all);

/* CUPTI's clock, ns. 0 if it cannot tell. */
uint64_t gp_cupti_clock(void);

#endif
