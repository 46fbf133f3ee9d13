/* The subscription: callbacks where work is submitted and memory is given out, and which kinds of
   work are recorded. */
#include "cupti_session.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "capture.h"
#include "cupti_activities.h"
#include "cupti_graphs.h"
#include "cupti_library.h"
#include "cupti_memory.h"
#include "depth.h"
#include "emit.h"
#include "resolve.h"

/* The kind of work that a driver function submits, by its callback's number. */
static const uint8_t work_of[CUPTI_DRIVER_TRACE_CBID_SIZE] = {
#define GP_SUBMIT(work, name) [CUPTI_DRIVER_TRACE_CBID_##name] = GP_GPU_##work,
#include "api/cupti_submits.def"
#undef GP_SUBMIT
};

static const CUpti_ActivityKind kinds[] = {
    CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL,
    CUPTI_ACTIVITY_KIND_MEMCPY,
    CUPTI_ACTIVITY_KIND_MEMCPY2, /* between devices */
    CUPTI_ACTIVITY_KIND_MEMSET,
};
#define N_KINDS (sizeof kinds / sizeof kinds[0])

static CUpti_SubscriberHandle subscriber;

/* The number of the call that submits work in which the thread is; 0: none. */
static _Thread_local uint32_t submitting;

/* In the thread that calls; below a wrapper, or where the program calls the driver itself. */
static void CUPTIAPI on_call(void *user, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                             const void *data)
{
    const CUpti_CallbackData *call = data;
    (void)user;
    if (domain == CUPTI_CB_DOMAIN_RESOURCE)
        gp_cupti_graphs_take(id, data, submitting);
    if (domain != CUPTI_CB_DOMAIN_DRIVER_API || gp_cupti_memory_take(id, call) ||
        id >= CUPTI_DRIVER_TRACE_CBID_SIZE)
        return;
    submitting = call->callbackSite == CUPTI_API_ENTER ? call->correlationId : 0;
    if (!submitting)
        return;
    const int saved_errno = errno;
    gp_depth_enter();
    gp_emit_correlation(call->correlationId, (enum gp_gpu_work)work_of[id]);
    gp_depth_leave();
    errno = saved_errno;
}

bool gp_cupti_driver_is_loaded(void)
{
    static atomic_bool loaded;
    if (!atomic_load_explicit(&loaded, memory_order_relaxed) &&
        gp_resolve_open("libcuda.so.1", false))
        atomic_store_explicit(&loaded, true, memory_order_relaxed);
    return atomic_load_explicit(&loaded, memory_order_relaxed);
}

static bool explain(CUptiResult result, const char *what, char *why, size_t why_bytes)
{
    const char *text = NULL;
    if (gp_cupti.cuptiGetResultString(result, &text) != CUPTI_SUCCESS || !text)
        text = "unknown error";
    snprintf(why, why_bytes, "%s: %s (%d)", what, text, (int)result);
    return false;
}

enum gp_cupti gp_cupti_start(char *why, size_t why_bytes)
{
    char holder[CUPTI_OLD_SUBSCRIBER_NAME_MIN_LEN + 1] = "";
    CUpti_SubscriberParams parameters = {
        .structSize = CUpti_SubscriberParams_STRUCT_SIZE,
        .subscriberName = "graphprof",
        .oldSubscriberName = holder,
        .oldSubscriberSize = sizeof holder - 1,
    };
    if (!gp_cupti_load(why, why_bytes))
        return GP_CUPTI_ABSENT;
    CUptiResult result = gp_cupti.cuptiSubscribe_v2(&subscriber, on_call, NULL, &parameters);
    if (result == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED) {
        snprintf(why, why_bytes, "it is held by %s", holder[0] ? holder : "another tool");
        return GP_CUPTI_HELD;
    }
    const char *what = "cuptiSubscribe";
    if (result == CUPTI_SUCCESS) {
        what = "cuptiActivityRegisterCallbacks";
        result = gp_cupti_activities_start();
    }
    if (result != CUPTI_SUCCESS) {
        explain(result, what, why, why_bytes);
        return GP_CUPTI_ABSENT;
    }
    gp_cupti_memory_start(subscriber);
    gp_cupti_graphs_start(subscriber);
    return GP_CUPTI_STARTED;
}

/* A function that this libcupti does not know is one that the program does not call. */
static void enable_callbacks(bool on)
{
    for (CUpti_CallbackId id = 0; id < CUPTI_DRIVER_TRACE_CBID_SIZE; id++)
        if (work_of[id])
            gp_cupti.cuptiEnableCallback(on, subscriber, CUPTI_CB_DOMAIN_DRIVER_API, id);
}

/* Callbacks are on for longer than records, so that no record lacks its CORRELATION. */
bool gp_cupti_record(bool on, char *why, size_t why_bytes)
{
    CUptiResult result = CUPTI_SUCCESS;
    if (on)
        enable_callbacks(true);
    for (size_t i = 0; on && i < N_KINDS && result == CUPTI_SUCCESS; i++)
        result = gp_cupti.cuptiActivityEnable(kinds[i]);
    for (size_t i = 0; (!on || result != CUPTI_SUCCESS) && i < N_KINDS; i++)
        gp_cupti.cuptiActivityDisable(kinds[i]);
    if (!on || result != CUPTI_SUCCESS)
        enable_callbacks(false);
    return result == CUPTI_SUCCESS || explain(result, "cuptiActivityEnable", why, why_bytes);
}

void gp_cupti_flush(bool all)
{
    gp_cupti.cuptiActivityFlushAll(all ? CUPTI_ACTIVITY_FLAG_FLUSH_FORCED : 0);
    gp_cupti_activities_count_dropped();
}

uint64_t gp_cupti_clock(void)
{
    uint64_t now = 0;
    return gp_cupti.cuptiGetTimestamp(&now) == CUPTI_SUCCESS ? now : 0;
}
