/*
 * Device memory that is given out below the runtime's functions that are intercepted: libraries
 * carry a runtime of their own, and programs may call the driver. CUPTI's callbacks of the driver's
 * functions tell, in the calling thread; only those that allocate and free are asked for.
 *
 * What the program's own call of an intercepted function gave out or took back is recorded by the
 * wrapper and left out here (depth.h).
 */
#ifndef GRAPHPROF_CUPTI_MEMORY_H
#define GRAPHPROF_CUPTI_MEMORY_H

#include <cupti.h>

#include <stdbool.h>

/* From here on. */
void gp_cupti_memory_start(CUpti_SubscriberHandle subscriber);

/* A callback; false if it is of another function. */
bool gp_cupti_memory_take(CUpti_CallbackId id, const CUpti_CallbackData *call);

#endif
