#include "event_pool.h"

#include <stddef.h>
#include <time.h>

#include "vendor_events.h"

struct gp_span gp_spans[GP_SPANS_MAX]; /* pages that are never used cost nothing */
static _Atomic uint32_t n_made;

/* Low half: index + 1 of the first free span; high half: counts changes, so that a thread that was
   held up does not take a head that is another list's by now. */
static _Atomic uint64_t first_free[GP_SPAN_DEVICES];
static atomic_uint n_free[GP_SPAN_DEVICES];

struct base {
    void *event;
    uint64_t host_ns; /* CLOCK_MONOTONIC when it was recorded */
    _Atomic uint32_t claimed;
    _Atomic uint32_t recorded; /* the period that it was recorded in; 0: none */
};
static struct base bases[GP_SPAN_DEVICES][GP_PERIODS_AHEAD];

static uint64_t changed(uint64_t head, uint32_t first) { return ((head >> 32) + 1) << 32 | first; }

static void push(uint32_t span)
{
    const unsigned device = gp_spans[span].device;
    uint64_t head = atomic_load_explicit(&first_free[device], memory_order_relaxed);
    do
        atomic_store_explicit(&gp_spans[span].next, (uint32_t)head, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&first_free[device], &head,
                                                  changed(head, span + 1), memory_order_release,
                                                  memory_order_relaxed));
    atomic_fetch_add_explicit(&n_free[device], 1, memory_order_relaxed);
}

uint32_t gp_event_pool_take(unsigned device, uint32_t number, uint32_t period)
{
    uint64_t head = atomic_load_explicit(&first_free[device], memory_order_acquire);
    uint32_t first, next;
    do {
        first = (uint32_t)head;
        if (first == 0)
            return GP_SPAN_NONE;
        next = atomic_load_explicit(&gp_spans[first - 1].next, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&first_free[device], &head, changed(head, next),
                                                    memory_order_acquire, memory_order_acquire));
    atomic_fetch_sub_explicit(&n_free[device], 1, memory_order_relaxed);
    gp_spans[first - 1].period = period;
    atomic_store_explicit(&gp_spans[first - 1].state, gp_span_state(number, GP_SPAN_OPEN),
                          memory_order_release);
    return first - 1;
}

bool gp_event_pool_give_back(uint32_t span, uint64_t from)
{
    if (!atomic_compare_exchange_strong(&gp_spans[span].state, &from,
                                        gp_span_state(0, GP_SPAN_FREE)))
        return false;
    push(span);
    return true;
}

static struct base *base_in(unsigned device, uint32_t period)
{
    return &bases[device][period % GP_PERIODS_AHEAD];
}

bool gp_event_pool_base(unsigned device, uint32_t period, void *stream)
{
    struct base *base = base_in(device, period);
    struct timespec now;
    if (atomic_load_explicit(&base->claimed, memory_order_relaxed) == period ||
        atomic_exchange(&base->claimed, period) == period)
        return true;
    clock_gettime(CLOCK_MONOTONIC, &now);
    base->host_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    const bool recorded = base->event && gp_vendor_event_record(base->event, stream);
    if (recorded)
        atomic_store_explicit(&base->recorded, period, memory_order_release);
    else
        atomic_store(&base->claimed, 0);
    return recorded;
}

bool gp_event_pool_base_of(unsigned device, uint32_t period, void **event, uint64_t *host_ns)
{
    const struct base *base = base_in(device, period);
    if (atomic_load_explicit(&base->recorded, memory_order_acquire) != period)
        return false;
    *event = base->event;
    *host_ns = base->host_ns;
    return true;
}

static bool make_bases(unsigned device)
{
    for (unsigned i = 0; i < GP_PERIODS_AHEAD; i++)
        if (!bases[device][i].event && !gp_vendor_event_make(&bases[device][i].event))
            return false;
    return true;
}

/* The next span without events from *at on, or GP_SPAN_NONE. */
static uint32_t next_void(uint32_t *at)
{
    for (; *at < GP_SPANS_MAX; ++*at)
        if (gp_span_phase(atomic_load_explicit(&gp_spans[*at].state, memory_order_relaxed)) ==
            GP_SPAN_VOID)
            return (*at)++;
    return GP_SPAN_NONE;
}

void gp_event_pool_fill(unsigned device, unsigned spans)
{
    uint32_t at = 0, span;
    if (gp_event_pool_free(device) >= spans || !make_bases(device))
        return;
    while (gp_event_pool_free(device) < spans && (span = next_void(&at)) != GP_SPAN_NONE) {
        struct gp_span *made = &gp_spans[span];
        if (!gp_vendor_event_make(&made->begin) || !gp_vendor_event_make(&made->end))
            return;
        made->device = (uint8_t)device;
        atomic_store_explicit(&made->state, gp_span_state(0, GP_SPAN_FREE), memory_order_release);
        if (span >= gp_event_pool_made())
            atomic_store_explicit(&n_made, span + 1, memory_order_release);
        push(span);
    }
}

unsigned gp_event_pool_free(unsigned device)
{
    return atomic_load_explicit(&n_free[device], memory_order_relaxed);
}

uint32_t gp_event_pool_made(void) { return atomic_load_explicit(&n_made, memory_order_acquire); }

unsigned gp_event_pool_drop(unsigned device)
{
    unsigned in_use = 0;
    const uint32_t n = gp_event_pool_made();
    uint64_t head = atomic_load(&first_free[device]);
    while (!atomic_compare_exchange_weak(&first_free[device], &head, changed(head, 0)))
        ;
    atomic_store(&n_free[device], 0);
    for (uint32_t i = 0; i < n; i++) {
        struct gp_span *span = &gp_spans[i];
        const enum gp_span_phase phase = gp_span_phase(atomic_load(&span->state));
        if (span->device != device || phase == GP_SPAN_VOID)
            continue;
        in_use += phase != GP_SPAN_FREE;
        span->begin = span->end = NULL;
        atomic_store(&span->state, gp_span_state(0, GP_SPAN_VOID));
    }
    for (unsigned i = 0; i < GP_PERIODS_AHEAD; i++) {
        bases[device][i].event = NULL;
        atomic_store(&bases[device][i].claimed, 0);
        atomic_store(&bases[device][i].recorded, 0);
    }
    return in_use;
}
