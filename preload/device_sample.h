/*
 * DEVICE_SAMPLE records: at a few moments outside steps, and, where GRAPHPROF_PROBE_STEP asks for
 * it, inside chosen ones. A sample never makes a context: one is taken only where there is one, or
 * where memory was allocated already. At depth 1; any thread.
 */
#ifndef GRAPHPROF_DEVICE_SAMPLE_H
#define GRAPHPROF_DEVICE_SAMPLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "graphprof/capture_format.h"

/* Once the options are read. */
void gp_device_sample_start(void);

/* Step number `step` is about to begin, timed on the GPU or not; has ended. */
void gp_device_sample_step_begin(uint64_t step);
void gp_device_sample_step_timed(uint64_t step, bool timed);
void gp_device_sample_step_end(void);

/* Around a call that makes a library's handle. */
void gp_device_sample_before_handle(void);
void gp_device_sample_after_handle(void);

enum {
    GP_SAMPLE_FIRST = 1,   /* no allocation was recorded yet */
    GP_SAMPLE_PROBING = 2, /* the step is being probed */
    GP_SAMPLE_CALLS = 4    /* calls are looked at */
};
extern atomic_uint gp_device_sample_wanted;

void gp_device_sample_after_alloc_slow(uint64_t bytes);
void gp_device_sample_call(enum gp_sample_moment moment);

/* Around a call that is none of these. */
static inline void gp_device_sample_before_call(void)
{
    if (atomic_load_explicit(&gp_device_sample_wanted, memory_order_relaxed) & GP_SAMPLE_CALLS)
        gp_device_sample_call(GP_SAMPLE_BEFORE_CALL);
}
static inline void gp_device_sample_after_call(void)
{
    if (atomic_load_explicit(&gp_device_sample_wanted, memory_order_relaxed) & GP_SAMPLE_CALLS)
        gp_device_sample_call(GP_SAMPLE_AFTER_CALL);
}

/* Whether the program's first allocation is still to come. */
static inline bool gp_device_sample_is_first(void)
{
    return atomic_load_explicit(&gp_device_sample_wanted, memory_order_relaxed) & GP_SAMPLE_FIRST;
}
/* Before that one. */
void gp_device_sample_before_alloc(void);
/* After each, of so many bytes of device memory: 0 for another. */
static inline void gp_device_sample_after_alloc(uint64_t bytes)
{
    if (atomic_load_explicit(&gp_device_sample_wanted, memory_order_relaxed))
        gp_device_sample_after_alloc_slow(bytes);
}

#endif
