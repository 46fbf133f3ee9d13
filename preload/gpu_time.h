/*
 * Which steps have their work timed on the GPU, and when CUPTI is told so. Switching is done
 * between steps, where it is in nobody's time; steps that overlap (threads that train side by side)
 * keep the state that they find.
 */
#ifndef GRAPHPROF_GPU_TIME_H
#define GRAPHPROF_GPU_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* Before the PUSH or START of step number `step`; `recorded`: in detail. */
void gp_gpu_time_step_begins(uint64_t step, bool recorded);

/* A step's PUSH was written; its POP was. */
void gp_gpu_time_step_pushed(void);
void gp_gpu_time_step_popped(void);

/* Before the device is reset: what was recorded is fetched. */
void gp_gpu_time_reset(void);

/* The program ends: fetches what is left. CUPTI is not called again. */
void gp_gpu_time_finish(void);

#endif
