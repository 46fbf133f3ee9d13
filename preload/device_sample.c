#include "device_sample.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "device.h"
#include "emit.h"
#include "vendor.h"

#define FIRST_STEPS 4

static atomic_uint_fast64_t steps_ended;

/* The driver is asked in the first steps, then at the powers of two: on real hardware it may take
   as long as a small step does. */
static bool driver_is_due(uint64_t step) { return step <= FIRST_STEPS || (step & (step - 1)) == 0; }

static bool ask_driver(struct gp_record_device_sample *sample)
{
    return gp_vendor_memory(&sample->free_bytes, &sample->total_bytes);
}

/* The pool's counters are the runtime's own and cheap. */
static bool ask_pool(struct gp_record_device_sample *sample)
{
    struct gp_vendor_pool pool;
    if (!gp_vendor_pool((int)sample->device, &pool))
        return false;
    sample->pool_used_bytes = pool.used;
    sample->pool_used_high_bytes = pool.used_high;
    sample->pool_reserved_bytes = pool.reserved;
    sample->pool_reserved_high_bytes = pool.reserved_high;
    return true;
}

void gp_device_sample_step_end(void)
{
    const uint64_t step = atomic_fetch_add_explicit(&steps_ended, 1, memory_order_relaxed) + 1;
    /* A program that has no device memory is not made to have a context by being asked about it. */
    if (gp_emit_lowest_address() >= gp_emit_highest_address())
        return;
    struct gp_record_device_sample sample = {gp_device_current(), UINT64_MAX, UINT64_MAX,
                                             UINT64_MAX,          UINT64_MAX, UINT64_MAX,
                                             UINT64_MAX};
    bool known = false;
    if (driver_is_due(step))
        known = ask_driver(&sample);
    if (gp_emit_pool_used())
        known = ask_pool(&sample) || known;
    if (known)
        gp_emit_device_sample(&sample);
}
