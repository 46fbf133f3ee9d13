/* Which of the devices a thread works on. All are the one CPU; each has a memory of its own. */
#ifndef SOFTGPU_CUDART_CURRENT_DEVICE_H
#define SOFTGPU_CUDART_CURRENT_DEVICE_H

#include <stdbool.h>

#include "options.h"

/* The calling thread's device: 0 until it sets another. */
int sg_device(void);

bool sg_device_valid(int device);

#endif
