/* The devices and libraries that the program uses: each is described in the capture at its first
 * use. */
#ifndef GRAPHPROF_DEVICE_H
#define GRAPHPROF_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "api_table.h"
#include "graphprof/capture_format.h"

/* The calling thread's device. */
uint8_t gp_device_current(void);

/*
 * The device that a new allocation is on. The current one, but for stream-ordered memory, which
 * comes from the pool of its stream's device, or from the pool that was named, whatever is current.
 * Nothing is asked where there is one device, or the stream is a default one. `stream` is the
 * handle.
 */
uint8_t gp_device_of_alloc(enum gp_api api, const void *address, enum gp_space space,
                           const void *stream);

/* Whether a device that was described is softgpu's. */
bool gp_device_is_softgpu(void);

/* The library is in use: writes its version down, once. */
void gp_device_note_library(unsigned library);

#endif
