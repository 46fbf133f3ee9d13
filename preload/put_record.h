/*
 * A record into the capture, in short form where it has one (graphprof/short_form.h), with the time
 * of its thread. Any thread, at depth 1, while the capture is open or is being opened.
 */
#ifndef GRAPHPROF_PUT_RECORD_H
#define GRAPHPROF_PUT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graphprof/capture_format.h"

struct gp_thread;

/* `fixed_bytes` (whole words) of payload, then `tail_bytes` padded with zeros. Whether there was
   room; else an event is counted as lost. */
bool gp_put(enum gp_record_type type, const void *fixed, size_t fixed_bytes, const void *tail,
            size_t tail_bytes);

/* A record whose payload begins with the absolute time `now`, from which the thread's next deltas
   count. */
void gp_put_absolute(struct gp_thread *thread, uint64_t now, enum gp_record_type type,
                     const void *payload, unsigned words);

/* ns since the calling thread's last record in the capture, for one at `now` whose place is known:
   nothing is owed from then on. */
uint64_t gp_put_since(struct gp_thread *thread, uint64_t now);

#endif
