/* What the driver and the default pool say at the end of a step. */
#ifndef GRAPHPROF_DEVICE_SAMPLE_H
#define GRAPHPROF_DEVICE_SAMPLE_H

/* Behind the step's POP record, in the thread that ended it, at depth 1. */
void gp_device_sample_step_end(void);

#endif
