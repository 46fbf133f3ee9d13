/*
 * NVML's figure for the memory in use: it counts what the driver takes for a context, which
 * cudaMemGetInfo can only be asked about once there is one.
 */
#ifndef GRAPHPROF_NVML_MEMORY_H
#define GRAPHPROF_NVML_MEMORY_H

#include <stdint.h>

#include "graphprof/capture_format.h"

/*
 * Bytes in use on a device of the runtime's, and whose they are. The first call loads NVML, where a
 * driver is in use already, and takes some ms. At depth 1; any thread: who comes while another asks
 * gets GP_NVML_UNKNOWN. Not on the CPU stand-in.
 */
enum gp_nvml_scope gp_nvml_used(int device, uint64_t *bytes);

#endif
