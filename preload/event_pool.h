/*
 * Pairs of CUDA events, made ahead for each device: making one inside a step would be in the step's
 * time. And for each period of timing one event of each device from which the others are counted: a
 * float of milliseconds is exact to 0.03 us within a second alone.
 */
#ifndef GRAPHPROF_EVENT_POOL_H
#define GRAPHPROF_EVENT_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define GP_SPANS_MAX     65536u
#define GP_SPAN_DEVICES  16u /* of those with higher numbers nothing is timed */
#define GP_SPAN_NONE     UINT32_MAX
#define GP_PERIODS_AHEAD 16u /* a period's base is used again after so many */

enum gp_span_phase {
    GP_SPAN_VOID, /* without events */
    GP_SPAN_FREE,
    GP_SPAN_OPEN,
    GP_SPAN_ENDING, /* its thread is about to record the second event */
    GP_SPAN_ENDED
};

struct gp_span {
    _Atomic uint64_t state; /* number << 8 | phase */
    void *begin, *end;      /* events */
    void *stream;
    uint32_t thread; /* index of the one whose it is */
    uint32_t period;
    uint8_t device;
    _Atomic uint32_t next; /* in the list of free ones: index + 1 */
};

extern struct gp_span gp_spans[GP_SPANS_MAX];

static inline uint64_t gp_span_state(uint32_t number, enum gp_span_phase phase)
{
    return (uint64_t)number << 8 | phase;
}
static inline enum gp_span_phase gp_span_phase(uint64_t state)
{
    return (enum gp_span_phase)(state & 0xff);
}
static inline uint32_t gp_span_number(uint64_t state) { return (uint32_t)(state >> 8); }

/* A free span of the device, OPEN under that number; GP_SPAN_NONE if there is none. Any thread. */
uint32_t gp_event_pool_take(unsigned device, uint32_t number, uint32_t period);
/* Moves the span from one state to FREE; false if it was in another. Any thread. */
bool gp_event_pool_give_back(uint32_t span, uint64_t from);

/* The period's event of the device: recorded into `stream` if this is its first use. False if it
   cannot be recorded: the next to come tries again. Any thread. */
bool gp_event_pool_base(unsigned device, uint32_t period, void *stream);
/* That event and the host's time (CLOCK_MONOTONIC, ns) when it was recorded; false if it is not
   yet, or not any more. */
bool gp_event_pool_base_of(unsigned device, uint32_t period, void **event, uint64_t *host_ns);

/* By one thread at a time. */

/* Makes events of the current device `device` until so many spans are free, if that can be. */
void gp_event_pool_fill(unsigned device, unsigned spans);
unsigned gp_event_pool_free(unsigned device);
/* How many were ever made, of all devices: indexes are below. */
uint32_t gp_event_pool_made(void);
/* The device's events are gone. Returns how many spans were in use. */
unsigned gp_event_pool_drop(unsigned device);

#endif
