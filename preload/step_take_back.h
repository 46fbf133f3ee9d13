/* Takes a step's records out of the end of the capture, all but those that others need. */
#ifndef GRAPHPROF_STEP_TAKE_BACK_H
#define GRAPHPROF_STEP_TAKE_BACK_H

#include <stdint.h>

#include "step_walk.h"

/*
 * The step that was read to `end`, where the capture ends and is frozen; its REPEAT record stands
 * right before it and becomes one of `of` (capture_format.h), with the addresses at `addresses`: 0
 * none, GP_ADDRESSES_OWN those of the step, which are written right behind it. `room`: up to where
 * the file may be written. Returns the new end, or `end` with nothing changed if there is nothing
 * to gain or it cannot be done.
 */
uint64_t gp_step_take_back(const struct gp_step_walk *walk, unsigned char *base, uint64_t end,
                           uint64_t room, uint32_t of, uint32_t addresses);
#define GP_ADDRESSES_OWN UINT32_MAX

#endif
