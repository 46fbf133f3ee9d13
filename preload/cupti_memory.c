#include "cupti_memory.h"

#include <errno.h>

#include "cupti_library.h"
#include "depth.h"
#include "emit.h"

/* A driver function, by its callback's number. */
static const uint8_t api_of[CUPTI_DRIVER_TRACE_CBID_SIZE] = {
#define GP_DRIVER_ALLOC(name, space, address, bytes)                                               \
    [CUPTI_DRIVER_TRACE_CBID_##name] = GP_DRIVER_API_##name,
#define GP_DRIVER_FREE(name, space, address)                                                       \
    [CUPTI_DRIVER_TRACE_CBID_##name] = GP_DRIVER_API_##name,
#include "api/driver_memory.def"
#undef GP_DRIVER_ALLOC
#undef GP_DRIVER_FREE
};

/* In the runtime's numbers, which are the driver's unless the program hides devices from it: the
   driver hides the same. */
static uint8_t device_of(const CUpti_CallbackData *call)
{
    uint32_t device = 0;
    if (!call->context || gp_cupti.cuptiGetDeviceId(call->context, &device) != CUPTI_SUCCESS)
        return 0;
    return (uint8_t)device;
}

static void take_enter(enum gp_driver_api api, const CUpti_CallbackData *call)
{
    switch (api) {
#define GP_DRIVER_ALLOC(name, space, address, bytes)
#define GP_DRIVER_FREE(name, space, address)                                                       \
    case GP_DRIVER_API_##name: {                                                                   \
        const name##_params *p = call->functionParams;                                             \
        gp_emit_driver_free(api, address, GP_SPACE_##space, device_of(call));                      \
        break;                                                                                     \
    }
#include "api/driver_memory.def"
#undef GP_DRIVER_ALLOC
#undef GP_DRIVER_FREE
    default:
        break;
    }
}

static void take_exit(enum gp_driver_api api, bool library, const CUpti_CallbackData *call)
{
    const CUresult *result = call->functionReturnValue;
    const bool done = result && *result == CUDA_SUCCESS;
    switch (api) {
#define GP_DRIVER_ALLOC(name, space, address, bytes)                                               \
    case GP_DRIVER_API_##name: {                                                                   \
        const name##_params *p = call->functionParams;                                             \
        if (done)                                                                                  \
            gp_emit_driver_alloc(api, library, address, bytes, GP_SPACE_##space, device_of(call)); \
        break;                                                                                     \
    }
#define GP_DRIVER_FREE(name, space, address)                                                       \
    case GP_DRIVER_API_##name: {                                                                   \
        const name##_params *p = call->functionParams;                                             \
        if (!done)                                                                                 \
            gp_emit_driver_free_failed(address);                                                   \
        break;                                                                                     \
    }
#include "api/driver_memory.def"
#undef GP_DRIVER_ALLOC
#undef GP_DRIVER_FREE
    default:
        break;
    }
}

bool gp_cupti_memory_take(CUpti_CallbackId id, const CUpti_CallbackData *call)
{
    if (id >= CUPTI_DRIVER_TRACE_CBID_SIZE || !api_of[id])
        return false;
    if (gp_in_memory_call)
        return true;
    const int saved_errno = errno;
    const bool below = !gp_depth_enter(); /* inside a call that is intercepted */
    const enum gp_driver_api api = (enum gp_driver_api)api_of[id];
    if (call->callbackSite == CUPTI_API_ENTER)
        take_enter(api, call);
    else
        take_exit(api, below || gp_emit_runtime_used(), call);
    gp_depth_leave();
    errno = saved_errno;
    return true;
}

void gp_cupti_memory_start(CUpti_SubscriberHandle subscriber)
{
    gp_emit_driver_apis();
    for (CUpti_CallbackId id = 0; id < CUPTI_DRIVER_TRACE_CBID_SIZE; id++)
        if (api_of[id])
            gp_cupti.cuptiEnableCallback(1, subscriber, CUPTI_CB_DOMAIN_DRIVER_API, id);
}
