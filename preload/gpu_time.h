/*
 * Which steps have their work timed on the GPU, and by what: CUPTI or, where it cannot be had, CUDA
 * events (event_time.h). Switching is done
 * between steps, where it is in nobody's time; steps that overlap (threads that train side by side)
 * keep the state that they find.
 */
#ifndef GRAPHPROF_GPU_TIME_H
#define GRAPHPROF_GPU_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* Before the program's first allocation, and before it makes a library's handle: it is about to use
   CUDA, so CUPTI is started, if steps are ever to be timed, and sees what libraries take. */
void gp_gpu_time_prepare(void);

/* Inside cuInit: starts CUPTI, and calls the driver no further. What came of it is written with the
   next of the functions here. */
void gp_gpu_time_injected(void);

/* Before the PUSH or START of step number `step`; `recorded`: in detail. */
void gp_gpu_time_step_begins(uint64_t step, bool recorded);

/* Whether CUPTI records work now, for which it takes memory. */
bool gp_gpu_time_is_recording(void);

/* A step's PUSH was written; its POP was. */
void gp_gpu_time_step_pushed(void);
void gp_gpu_time_step_popped(void);

/* Before the device is reset: what was recorded is fetched. */
void gp_gpu_time_reset(void);

/* The program ends: fetches what is left. CUPTI is not called again. */
void gp_gpu_time_finish(void);

#endif
