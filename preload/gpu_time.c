#include "gpu_time.h"

#include <stdatomic.h>

#include "capture.h"
#include "cupti_session.h"
#include "device.h"
#include "emit.h"
#include "event_time.h"
#include "lifecycle.h"
#include "memory_seen.h"
#include "message.h"
#include "options.h"
#include "step_filter.h"

enum {
    NOT_TRIED,
    STARTED,
    BY_EVENTS,
    OFF
};
static int state;
static enum gp_cupti outcome; /* of the attempt to start, */
static char refusal[256];     /* and why it failed */
static bool untold;           /* it is not written yet */
static atomic_bool recording;
static bool flush_is_due;

/* Guards what stands above. It is never waited for: who finds it taken leaves things as they are.
 */
static atomic_flag switching = ATOMIC_FLAG_INIT;

static atomic_uint_fast64_t recorded_steps;
static atomic_int pushed_steps;

static bool enter(void)
{
    return !atomic_flag_test_and_set_explicit(&switching, memory_order_acquire);
}
static void leave(void) { atomic_flag_clear_explicit(&switching, memory_order_release); }

static void give_up(const char *why, bool say)
{
    state = OFF;
    gp_emit_text("cupti", why);
    if (say)
        gp_message("no GPU time, host time instead: CUPTI: %s", why);
}

/* The CPU stand-in has no CUPTI unless it is asked for: there is nothing to say then. */
static bool is_missed(void)
{
    gp_device_current(); /* describes the device if it has not been yet */
    return !gp_device_is_softgpu();
}

/* The stand-in has no driver: memory tells. */
static bool uses_cuda(void)
{
    return gp_memory_lowest() < gp_memory_highest() || gp_cupti_driver_is_loaded();
}

/* `why` there is no CUPTI; NULL: it was not asked for. */
static void use_events(const char *why)
{
    state = BY_EVENTS;
    gp_emit_text("gpu_time", "event");
    if (!why)
        return;
    gp_emit_text("cupti", why);
    gp_message("GPU time by CUDA events, which is coarser: CUPTI: %s", why);
}

/* Events on the stand-in time what calls cost the CPU, as the host's clock does: they must be asked
   for. */
static bool may_use_events(void)
{
    const enum gp_time_source source = gp_options()->time_source;
    return source == GP_TIME_AUTO ? is_missed() : source != GP_TIME_CUPTI;
}

static bool leaves_cupti_alone(void) { return gp_options()->time_source == GP_TIME_EVENT; }

static void start(void)
{
    state = OFF;
    untold = true;
    if (leaves_cupti_alone())
        return;
    outcome = gp_cupti_start(refusal, sizeof refusal);
    state = outcome == GP_CUPTI_STARTED ? STARTED : OFF;
}

/* Apart from the start: inside cuInit nothing may be asked, and a handler for the exit that is set
   there runs after the driver's own. */
static void tell(void)
{
    if (!untold)
        return;
    untold = false;
    if (leaves_cupti_alone()) {
        use_events(NULL);
        return;
    }
    if (outcome != GP_CUPTI_STARTED) {
        if (may_use_events())
            use_events(refusal);
        else
            give_up(refusal, outcome == GP_CUPTI_HELD || is_missed());
        return;
    }
    gp_emit_text("cupti", "yes");
    gp_lifecycle_at_exit();
}

static void set_recording(bool on)
{
    char why[256];
    if (recording == on)
        return;
    if (!gp_cupti_record(on, why, sizeof why)) {
        give_up(why, true);
        return;
    }
    recording = on;
    flush_is_due = flush_is_due || !on;
    gp_emit_timed(on, gp_cupti_clock());
}

void gp_gpu_time_prepare(void)
{
    if (!gp_step_filter_times_any() || !gp_capture_ready() || !enter())
        return;
    if (state == NOT_TRIED)
        start();
    tell();
    leave();
}

void gp_gpu_time_injected(void)
{
    if (!gp_step_filter_times_any() || !enter())
        return;
    if (state == NOT_TRIED)
        start();
    leave();
}

void gp_gpu_time_step_begins(uint64_t step, bool recorded)
{
    const bool wanted =
        recorded && gp_step_filter_times(
                        step, atomic_fetch_add_explicit(&recorded_steps, 1, memory_order_relaxed));
    if (atomic_load_explicit(&pushed_steps, memory_order_relaxed) > 0 || !gp_capture_is_open() ||
        !enter())
        return;
    if (wanted && state == NOT_TRIED && uses_cuda())
        start();
    tell();
    if (state == STARTED) {
        set_recording(wanted);
        if (flush_is_due && state == STARTED)
            gp_cupti_flush(false);
        flush_is_due = false;
    } else if (state == BY_EVENTS) {
        gp_event_time_step(wanted);
    }
    leave();
}

bool gp_gpu_time_is_recording(void)
{
    return atomic_load_explicit(&recording, memory_order_relaxed);
}

void gp_gpu_time_step_pushed(void)
{
    atomic_fetch_add_explicit(&pushed_steps, 1, memory_order_relaxed);
}

void gp_gpu_time_step_popped(void)
{
    if (atomic_fetch_sub_explicit(&pushed_steps, 1, memory_order_relaxed) > 1 ||
        !gp_capture_is_open() || !enter())
        return;
    if (state == STARTED)
        set_recording(false);
    else if (state == BY_EVENTS)
        gp_event_time_stop();
    leave();
}

void gp_gpu_time_reset(void)
{
    if (!gp_capture_is_open() || !enter())
        return;
    if (state == STARTED)
        gp_cupti_flush(true);
    else if (state == BY_EVENTS)
        gp_event_time_reset();
    leave();
}

void gp_gpu_time_finish(void)
{
    if (!gp_capture_is_open() || !enter())
        return;
    if (state == STARTED) {
        set_recording(false);
        gp_cupti_flush(true);
    } else if (state == BY_EVENTS) {
        gp_event_time_finish();
    }
    state = OFF;
    leave();
}
