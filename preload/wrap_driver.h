/*
 * What the recorder asks the driver where the program has no shared runtime: one that is linked to
 * it statically, or that calls the driver alone. Nothing is asked of a driver that is not loaded.
 * In plain types, as vendor.h; not to be called inside cuInit.
 */
#ifndef GRAPHPROF_WRAP_DRIVER_H
#define GRAPHPROF_WRAP_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The device of the calling thread's context, 0 if it has none. */
int gp_driver_current_device(void);
bool gp_driver_device(int device, char *name, size_t name_size, uint64_t *total_bytes);
/* Of the calling thread's context; false if it has none. */
bool gp_driver_memory(uint64_t *free_bytes, uint64_t *total_bytes);
/* 0 if that cannot be told. */
int gp_driver_version(void);

#endif
