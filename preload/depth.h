/*
 * The guard that tells the program's own calls from those made below them: cuDNN's libraries call
 * one another's public functions, and the recorder itself asks the runtime things. Only what comes
 * in at depth 0 is the program's. A signal handler that interrupts the recorder comes in deeper, so
 * it passes through unrecorded and can find no lock of ours held by its own thread.
 */
#ifndef GRAPHPROF_DEPTH_H
#define GRAPHPROF_DEPTH_H

#include <stdbool.h>

extern _Thread_local int gp_depth __attribute__((tls_model("initial-exec")));

/* The thread is inside the program's own call of a function that allocates or frees, which its
   wrapper records: what the driver is asked for meanwhile is that. */
extern _Thread_local bool gp_in_memory_call __attribute__((tls_model("initial-exec")));

/* True if the caller is the program. Each enter is followed by one leave. */
static inline bool gp_depth_enter(void) { return gp_depth++ == 0; }
static inline void gp_depth_leave(void) { gp_depth--; }

#endif
