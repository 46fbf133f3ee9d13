/*
 * Time on the GPU without CUPTI: CUDA events around the work of each segment, the stretch between
 * two boundaries of ranges or steps in a thread. In each stream that a segment uses, an event is
 * recorded before its first work and one when the segment ends; a KERNEL record named "(events)"
 * follows when the GPU has passed both, which is asked between steps and never waited for. What
 * they enclose is a *span*; it bears a correlation number of our own, whose CORRELATION record
 * stands inside the ranges that were open.
 *
 * The end of a segment, and not each call, records the second event: an event a call would cost a
 * launch-bound step a good part of its time.
 */
#ifndef GRAPHPROF_EVENT_TIME_H
#define GRAPHPROF_EVENT_TIME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* In the place of a stream that nobody could tell: its work is lost. */
extern char gp_stream_is_unknown;
#define GP_STREAM_UNKNOWN ((void *)&gp_stream_is_unknown)

extern atomic_bool gp_event_time_on;
/* Spans that the thread has open. */
extern _Thread_local unsigned gp_event_time_open __attribute__((tls_model("initial-exec")));

/* Whether gp_event_time_submit has something to do. */
static inline bool gp_event_time_wants(void)
{
    return atomic_load_explicit(&gp_event_time_on, memory_order_relaxed) || gp_event_time_open;
}

/* Before the program's own call that gives work to a stream. At depth 1, any thread. */
void gp_event_time_submit(void *stream);

void gp_event_time_end_segment(void);
/* A range or a step begins or ends in this thread. At depth 1. */
static inline void gp_event_time_boundary(void)
{
    if (gp_event_time_open)
        gp_event_time_end_segment();
}

/* A range of another thread has been ended here, which its work was for: that thread's segment
   ends. What it does next begins a new one. At depth 1. */
void gp_event_time_thread_waits(uint32_t thread);

/* Before the program ends a stream: nothing may be recorded there any more. At depth 1, any thread.
 */
void gp_event_time_stream_ends(void *stream);

/* These are called by one thread at a time (gpu_time.c). */

/* Before a step's PUSH: writes down what is known by now, makes events that are lacking, and turns
   timing on or off; on only where the program has memory on a device, since an event would make a
   context. */
void gp_event_time_step(bool wanted);
/* A step has ended. */
void gp_event_time_stop(void);
/* Before the current device is reset: its events end with it. */
void gp_event_time_reset(void);
/* The last time: what is not known is lost. */
void gp_event_time_finish(void);

#endif
