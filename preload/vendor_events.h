/*
 * CUDA events and what must be known of a stream to record one, in plain types: wrap_events.c knows
 * the vendor's. All go to the real functions, at depth 1, wait for nothing, and leave the thread's
 * last CUDA error as it was, if none waits (gp_vendor_error_waits).
 */
#ifndef GRAPHPROF_VENDOR_EVENTS_H
#define GRAPHPROF_VENDOR_EVENTS_H

#include <stdbool.h>

/* An event of the current device, with times; false if it cannot be made. */
bool gp_vendor_event_make(void **event);

/* Behind what the stream was given so far. False if the stream or the event is not the current
   device's. */
bool gp_vendor_event_record(void *event, void *stream);

enum gp_event_answer {
    GP_EVENT_KNOWN,
    GP_EVENT_NOT_YET, /* the GPU has not come to one of the two */
    GP_EVENT_NEVER
};
/* Milliseconds from one event to another, negative if it came first. */
enum gp_event_answer gp_vendor_event_elapsed(void *from, void *to, float *ms);

enum gp_stream_use {
    GP_STREAM_RUNS,
    GP_STREAM_CAPTURES, /* what it is given goes into a graph */
    GP_STREAM_NOBODY_KNOWS
};
enum gp_stream_use gp_vendor_stream_use(void *stream);

/* Around making and asking events: a thread of the program that captures in the global mode would
   have its capture made void by that. gp_vendor_capture_leave takes what _enter gave. */
int gp_vendor_capture_enter(void);
void gp_vendor_capture_leave(int mode);

#endif
