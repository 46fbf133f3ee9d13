#include "cupti_memory.h"

#include <errno.h>

#include "cuda_graphs.h"
#include "cupti_library.h"
#include "depth.h"
#include "emit.h"
#include "gpu_time.h"
#include "memory_seen.h"

/* A width, height or depth of 0 means fewer dimensions. */
static uint64_t or_one(uint64_t n) { return n ? n : 1; }

/* Bytes of an element; of block-compressed and video formats, which have no such, 0. */
static uint64_t element_bytes(CUarray_format format)
{
    switch (format) {
    case CU_AD_FORMAT_UNSIGNED_INT8:
    case CU_AD_FORMAT_SIGNED_INT8:
        return 1;
    case CU_AD_FORMAT_UNSIGNED_INT16:
    case CU_AD_FORMAT_SIGNED_INT16:
    case CU_AD_FORMAT_HALF:
        return 2;
    case CU_AD_FORMAT_UNSIGNED_INT32:
    case CU_AD_FORMAT_SIGNED_INT32:
    case CU_AD_FORMAT_FLOAT:
        return 4;
    default:
        return 0;
    }
}

static uint64_t plane_bytes(const CUDA_ARRAY_DESCRIPTOR *array)
{
    return array->Width * or_one(array->Height) * array->NumChannels * element_bytes(array->Format);
}

/* Of so many mipmap levels, each of half the extent of the one before. */
static uint64_t volume_bytes(const CUDA_ARRAY3D_DESCRIPTOR *array, unsigned levels)
{
    uint64_t bytes = 0;
    for (unsigned level = 0; level < levels && level < 32; level++)
        bytes += or_one(array->Width >> level) * or_one(array->Height >> level) *
                 or_one(array->Depth >> level) * array->NumChannels * element_bytes(array->Format);
    return bytes;
}

/* A driver function, by its callback's number. */
static const uint8_t api_of[CUPTI_DRIVER_TRACE_CBID_SIZE] = {
#define GP_DRIVER_ALLOC(name, space, address, bytes, stream)                                       \
    [CUPTI_DRIVER_TRACE_CBID_##name] = GP_DRIVER_API_##name,
#define GP_DRIVER_FREE(name, space, address, stream)                                               \
    [CUPTI_DRIVER_TRACE_CBID_##name] = GP_DRIVER_API_##name,
#define GP_DRIVER_MAP(name, address, bytes, handle)                                                \
    [CUPTI_DRIVER_TRACE_CBID_##name] = GP_DRIVER_API_##name,
#include "api/driver_memory.def"
#undef GP_DRIVER_ALLOC
#undef GP_DRIVER_FREE
#undef GP_DRIVER_MAP
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

/* Outside of the program's calls of the runtime: in a program that allocates by that, what the
   driver gives out is a library's, which has a runtime of its own. Physical memory is not, for no
   runtime takes it. */
static bool is_of_library(enum gp_space space)
{
    return space != GP_SPACE_PHYSICAL && gp_memory_was_by_runtime();
}

/* Stream 0 of a function that means the thread's own by it. */
static const void *own_stream(CUstream stream) { return stream ? stream : CU_STREAM_PER_THREAD; }

/* What is given out in a stream that is being captured is a node of the graph: cuBLAS takes its
   workspace so, one for each graph. */
static void take_alloc(enum gp_driver_api api, bool library, uint64_t address, uint64_t bytes,
                       enum gp_space space, uint8_t device, const void *stream)
{
    if (!gp_cuda_graphs_take_driver(gp_driver_number(api, library), device, address, bytes, stream))
        gp_emit_driver_alloc(api, library, address, bytes, space, device);
}

static void take_free(enum gp_driver_api api, uint64_t address, enum gp_space space, uint8_t device,
                      const void *stream)
{
    if (!gp_cuda_graphs_take_driver(gp_driver_number(api, false), device, address, 0, stream))
        gp_emit_driver_free(api, address, space, device);
}

static void take_enter(enum gp_driver_api api, const CUpti_CallbackData *call)
{
    switch (api) {
#define GP_DRIVER_ALLOC(name, space, address, bytes, stream)
#define GP_DRIVER_FREE(name, space, address, stream)                                               \
    case GP_DRIVER_API_##name: {                                                                   \
        const name##_params *p = call->functionParams;                                             \
        take_free(api, address, GP_SPACE_##space, device_of(call), stream);                        \
        break;                                                                                     \
    }
#define GP_DRIVER_MAP(name, address, bytes, handle)
#include "api/driver_memory.def"
#undef GP_DRIVER_ALLOC
#undef GP_DRIVER_FREE
#undef GP_DRIVER_MAP
    default:
        break;
    }
}

static void take_exit(enum gp_driver_api api, bool below, const CUpti_CallbackData *call)
{
    const CUresult *result = call->functionReturnValue;
    const bool done = result && *result == CUDA_SUCCESS;
    switch (api) {
#define GP_DRIVER_ALLOC(name, space, address, bytes, stream)                                       \
    case GP_DRIVER_API_##name: {                                                                   \
        const name##_params *p = call->functionParams;                                             \
        if (done)                                                                                  \
            take_alloc(api, below || is_of_library(GP_SPACE_##space), address, bytes,              \
                       GP_SPACE_##space, device_of(call), stream);                                 \
        break;                                                                                     \
    }
#define GP_DRIVER_FREE(name, space, address, stream)                                               \
    case GP_DRIVER_API_##name: {                                                                   \
        const name##_params *p = call->functionParams;                                             \
        if (!done)                                                                                 \
            gp_emit_driver_free_failed(address);                                                   \
        break;                                                                                     \
    }
#define GP_DRIVER_MAP(name, address, bytes, handle)                                                \
    case GP_DRIVER_API_##name: {                                                                   \
        const name##_params *p = call->functionParams;                                             \
        if (done)                                                                                  \
            gp_emit_map(address, bytes, handle);                                                   \
        break;                                                                                     \
    }
#include "api/driver_memory.def"
#undef GP_DRIVER_ALLOC
#undef GP_DRIVER_FREE
#undef GP_DRIVER_MAP
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
    if (call->callbackSite == CUPTI_API_ENTER) {
        if (!below)
            gp_gpu_time_prepare(); /* CUPTI was started in cuInit: the rest of that */
        take_enter(api, call);
    } else {
        take_exit(api, below, call);
    }
    gp_depth_leave();
    errno = saved_errno;
    return true;
}

void gp_cupti_memory_start(CUpti_SubscriberHandle subscriber)
{
    for (CUpti_CallbackId id = 0; id < CUPTI_DRIVER_TRACE_CBID_SIZE; id++)
        if (api_of[id])
            gp_cupti.cuptiEnableCallback(1, subscriber, CUPTI_CB_DOMAIN_DRIVER_API, id);
}
