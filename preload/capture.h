/*
 * The capture of this process: opened at the first event (a shell or a script that never touches
 * CUDA or NVTX leaves nothing behind), closed at exit. At most one in a process. A child after
 * fork, however it was made, has none and records nothing.
 */
#ifndef GRAPHPROF_CAPTURE_H
#define GRAPHPROF_CAPTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture_writer.h"

extern struct gp_writer gp_writer;

/* 1 while this process records. It lies in a page that the kernel zeroes in a child. */
extern _Atomic uint32_t *_Atomic gp_capture_live;

bool gp_capture_open_slow(void);

/* Whether events are to be written; opens the capture at first. At depth 1. */
static inline bool gp_capture_ready(void)
{
    return atomic_load_explicit(atomic_load_explicit(&gp_capture_live, memory_order_acquire),
                                memory_order_acquire) ||
           gp_capture_open_slow();
}

/* Whether a capture was opened by this process and is not closed yet. */
static inline bool gp_capture_is_open(void)
{
    return atomic_load_explicit(atomic_load_explicit(&gp_capture_live, memory_order_acquire),
                                memory_order_acquire);
}

/* Whether none will be opened any more: it is closed, could not be made, or this is a child. */
bool gp_capture_is_over(void);

/* Writes the last record and closes the file; events from then on are not recorded. Returns the
   path of the capture, or NULL if there is none. */
const char *gp_capture_close(void);

/* In a child after fork. */
void gp_capture_abandon(void);

#endif
