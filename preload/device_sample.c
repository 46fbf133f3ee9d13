#include "device_sample.h"

#include "capture.h"
#include "cuda_graphs.h"
#include "device.h"
#include "emit.h"
#include "memory_seen.h"
#include "nvml_memory.h"
#include "options.h"
#include "vendor.h"

#define FIRST_STEPS     4
#define PROBE_LEAST     (UINT64_C(1) << 20) /* bytes: smaller ones share a block of the driver's */
#define HANDLES_SAMPLED 16u                 /* a program may make handles over and over */

atomic_uint gp_device_sample_wanted = GP_SAMPLE_FIRST;

static atomic_uint_fast64_t steps_ended;
static atomic_bool timed_before; /* a step was timed */
static atomic_uint handles;

/* The driver is asked in the first steps, then at the powers of two: on real hardware it may take
   as long as a small step does. */
static bool driver_is_due(uint64_t step) { return step <= FIRST_STEPS || (step & (step - 1)) == 0; }

/* A program that has no device memory is not made to have a context by being asked about it. */
static bool has_memory(void) { return gp_memory_lowest() < gp_memory_highest(); }

/* The stand-in has no contexts. */
static bool has_context(void)
{
    gp_device_current(); /* describes the device if it has not been yet */
    return has_memory() || gp_device_is_softgpu() || gp_vendor_has_context();
}

static bool ask_driver(struct gp_record_device_sample *sample)
{
    return gp_vendor_memory(&sample->free_bytes, &sample->total_bytes);
}

/* The pool's counters are the runtime's own and cheap. */
static bool ask_pool(struct gp_record_device_sample *sample)
{
    struct gp_vendor_pool pool;
    if (!gp_vendor_pool(sample->device, &pool))
        return false;
    sample->pool_used_bytes = pool.used;
    sample->pool_used_high_bytes = pool.used_high;
    sample->pool_reserved_bytes = pool.reserved;
    sample->pool_reserved_high_bytes = pool.reserved_high;
    return true;
}

static void take_sample(enum gp_sample_moment moment, bool with_driver)
{
    struct gp_record_device_sample sample = {
        gp_device_current(), (uint8_t)moment, GP_NVML_UNKNOWN, {0},        UINT64_MAX, UINT64_MAX,
        UINT64_MAX,          UINT64_MAX,      UINT64_MAX,      UINT64_MAX, UINT64_MAX};
    if (gp_cuda_graphs_capturing())
        return;
    bool known = with_driver && ask_driver(&sample);
    if (with_driver && moment < GP_SAMPLE_BEFORE_CALL && !gp_device_is_softgpu())
        sample.nvml_scope = (uint8_t)gp_nvml_used(sample.device, &sample.nvml_used_bytes);
    if (gp_memory_was_in_pool())
        known = ask_pool(&sample) || known;
    if (known)
        gp_emit_device_sample(&sample);
}

static void set_wanted(unsigned bit, bool on)
{
    if (on)
        atomic_fetch_or_explicit(&gp_device_sample_wanted, bit, memory_order_relaxed);
    else
        atomic_fetch_and_explicit(&gp_device_sample_wanted, ~bit, memory_order_relaxed);
}

void gp_device_sample_start(void)
{
    set_wanted(GP_SAMPLE_CALLS, gp_options()->probe_step != UINT64_MAX);
}

void gp_device_sample_step_begin(uint64_t step)
{
    const bool probed = step == gp_options()->probe_step;
    if ((step == 0 || probed) && has_memory() && gp_capture_is_open())
        take_sample(GP_SAMPLE_STEP_BEGIN, true);
    set_wanted(GP_SAMPLE_PROBING, probed);
}

/* CUPTI takes device memory when work is first recorded. */
void gp_device_sample_step_timed(uint64_t step, bool timed)
{
    const uint64_t last = gp_options()->probe_step;
    const bool first_timed = timed && !atomic_exchange(&timed_before, true);
    set_wanted(GP_SAMPLE_CALLS, last != UINT64_MAX && (step <= last || first_timed));
}

void gp_device_sample_step_end(void)
{
    const uint64_t step = atomic_fetch_add_explicit(&steps_ended, 1, memory_order_relaxed) + 1;
    const unsigned before = atomic_fetch_and_explicit(
        &gp_device_sample_wanted, ~(unsigned)GP_SAMPLE_PROBING, memory_order_relaxed);
    if (has_memory())
        take_sample(GP_SAMPLE_STEP_END, driver_is_due(step) || before & GP_SAMPLE_PROBING);
}

void gp_device_sample_before_handle(void)
{
    if (atomic_load_explicit(&handles, memory_order_relaxed) < HANDLES_SAMPLED &&
        gp_capture_ready() && has_context())
        take_sample(GP_SAMPLE_BEFORE_HANDLE, true);
}

void gp_device_sample_after_handle(void)
{
    if (atomic_fetch_add_explicit(&handles, 1, memory_order_relaxed) < HANDLES_SAMPLED &&
        gp_capture_ready() && has_context())
        take_sample(GP_SAMPLE_AFTER_HANDLE, true);
}

void gp_device_sample_before_alloc(void)
{
    if (gp_capture_ready() && has_context())
        take_sample(GP_SAMPLE_BEFORE_FIRST, true);
}

void gp_device_sample_after_alloc_slow(uint64_t bytes)
{
    const unsigned wanted = atomic_load_explicit(&gp_device_sample_wanted, memory_order_relaxed);
    if (!has_memory() || !gp_capture_is_open())
        return;
    if (wanted & GP_SAMPLE_FIRST &&
        atomic_fetch_and(&gp_device_sample_wanted, ~(unsigned)GP_SAMPLE_FIRST) & GP_SAMPLE_FIRST)
        take_sample(GP_SAMPLE_AFTER_FIRST, true);
    /* The stand-in shares no blocks, and answers at once. */
    if (wanted & GP_SAMPLE_PROBING && bytes > 0 && (bytes >= PROBE_LEAST || gp_device_is_softgpu()))
        take_sample(GP_SAMPLE_PROBE, true);
}

void gp_device_sample_call(enum gp_sample_moment moment)
{
    if (gp_capture_ready() && has_context())
        take_sample(moment, true);
}
