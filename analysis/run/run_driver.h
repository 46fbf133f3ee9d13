/* Whether a CUDA driver answers on this machine. */
#ifndef ANALYSIS_RUN_DRIVER_H
#define ANALYSIS_RUN_DRIVER_H

#include <stdbool.h>

/*
 * True if libcuda.so.1 loads, cuInit succeeds and at least one device is visible (so that an empty
 * CUDA_VISIBLE_DEVICES counts as no driver). Asked in a forked child: the driver leaves threads
 * and mappings behind, and a broken one may crash.
 */
bool run_driver_answers(void);

#endif
