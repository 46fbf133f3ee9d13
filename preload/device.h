/* The devices and libraries that the program uses: each is described in the capture at its first
 * use. */
#ifndef GRAPHPROF_DEVICE_H
#define GRAPHPROF_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* The calling thread's device. */
uint8_t gp_device_current(void);

/* Whether a device that was described is softgpu's. */
bool gp_device_is_softgpu(void);

/* The library is in use: writes its version down, once. */
void gp_device_note_library(unsigned library);

#endif
