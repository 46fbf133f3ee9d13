/*
 * Kinds of records that recur (graphprof/short_form.h), and the numbers that they have in the
 * capture. A kind gets its number when it is seen again soon after the first time, so that what
 * occurs once (a step's name, an odd size) costs nothing. Any thread; none waits for another.
 */
#ifndef GRAPHPROF_KINDS_H
#define GRAPHPROF_KINDS_H

#include <stdbool.h>
#include <stdint.h>

#include "graphprof/capture_format.h"

#define GP_KIND_NONE UINT32_MAX

/* The number of a kind, whose KIND record is written; GP_KIND_NONE if it has none. */
uint32_t gp_kind_of(enum gp_record_type type, const uint64_t words[2]);

/* The payload that a record has in long form, into `room` of GP_SHORT_PAYLOAD_MAX words where it is
   in short form; its words into *words. NULL: that is no record of ours. */
const uint64_t *gp_kind_long_form(uint64_t head, const uint64_t *payload, uint64_t *room,
                                  unsigned *words);

#endif
