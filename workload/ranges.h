/*
 * NVTX ranges, named as include/graphprof/node_name.h has it. They tell a profiler where the
 * program is; the same names tell the user where it failed. Main thread only.
 */
#ifndef WORKLOAD_RANGES_H
#define WORKLOAD_RANGES_H

/* `name` is copied by NVTX, but must stay as it is until the pop. At most 8 ranges deep. */
void range_push(const char *name);
void range_pop(void);

/* The path of the open ranges, as in "step 1 / forward / layer1.0.conv1"; never NULL. */
const char *ranges_current(void);

#endif
