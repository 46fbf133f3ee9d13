/* Takes a step's records out of the end of the capture, all but those that others need. */
#ifndef GRAPHPROF_STEP_TAKE_BACK_H
#define GRAPHPROF_STEP_TAKE_BACK_H

#include <stdbool.h>
#include <stdint.h>

#include "step_walk.h"

#define GP_PLACE_OWN UINT32_MAX

/* The list of addresses of a step that repeats another, by the places of its records
   (capture_format.h); 0: none. GP_PLACE_OWN: one that is to be written with the step. */
struct gp_step_list {
    uint32_t place;
    bool is_left; /* ADDRESSES_LEFT rather than ADDRESSES; with: */
    uint32_t before;
    bool before_is_left;
    uint32_t order;
};

/*
 * The step that was read to `end`, where the capture ends and is frozen; its REPEAT record stands
 * right before it and becomes one of `of`, with that list of addresses. `room`: up to where the
 * file may be written. Returns the new end, and in `list` the places of what was written; or `end`
 * with nothing changed if there is nothing to gain or it cannot be done.
 */
uint64_t gp_step_take_back(const struct gp_step_walk *walk, unsigned char *base, uint64_t end,
                           uint64_t room, uint32_t of, struct gp_step_list *list);

#endif
