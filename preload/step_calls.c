#include "step_calls.h"

#include <string.h>

#include "capture.h"
#include "device_sample.h"
#include "gpu_time.h"
#include "graphprof/call_name.h"
#include "ranges.h"
#include "threads.h"

bool gp_step_calls_of[GP_API_COUNT];
bool gp_step_calls_kernels;

static struct gp_call_every wanted; /* `every` 0: none */

bool gp_step_calls_set(const char *value)
{
    struct gp_call_every call = {"", 0};
    if (strcmp(value, "none") != 0 && !gp_call_every_parse(value, &call))
        return false;
    wanted = call;
    gp_step_calls_kernels = call.every > 0;
    for (unsigned api = 1; api < GP_API_COUNT; api++) {
        gp_step_calls_of[api] = call.every > 0 && gp_call_is(gp_api_rows[api].name, call.name);
        gp_step_calls_kernels = gp_step_calls_kernels && !gp_step_calls_of[api];
    }
    return true;
}

bool gp_step_calls_used(void) { return wanted.every > 0; }

bool gp_step_calls_is_kernel(const char *name)
{
    return gp_step_calls_kernels && gp_kernel_is(name, wanted.name);
}

/* As where a pushed range that is a step ends (ranges.c). */
static void end_step(struct gp_thread *thread)
{
    gp_range_end(0, thread->step_range);
    thread->step_range = 0;
    thread->steps_open--;
    gp_gpu_time_step_popped();
    gp_device_sample_step_end();
    gp_writer_make_ready(&gp_writer);
}

static void begin_step(struct gp_thread *thread)
{
    struct gp_name name = gp_name_of(GP_STEP_EVERY_RANGE, (unsigned)sizeof GP_STEP_EVERY_RANGE - 1);
    name.step = true;
    thread->step_range = gp_range_start(0, name);
    gp_gpu_time_step_pushed();
    thread->steps_open++;
}

void gp_step_calls_made(void)
{
    struct gp_thread *thread = gp_capture_ready() ? gp_thread_self() : NULL;
    if (!thread || ++thread->step_calls % wanted.every != 0)
        return;
    if (thread->step_range)
        end_step(thread);
    begin_step(thread);
}

void gp_step_calls_leave(struct gp_thread *thread)
{
    if (thread->step_range)
        gp_gpu_time_step_popped();
    thread->step_range = 0;
}
