/*
 * Subscription. Whether there is a CUPTI at all is said by the environment, since times taken on a
 * CPU are not a GPU's and must be asked for:
 *   SOFTGPU_CUPTI  yes: it works; held: another tool has it; else it is as without a driver
 */
#include "subscriber.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"

#define POINTER(address) ((void *)(uintptr_t)(address)) // NOLINT(performance-no-int-to-ptr)

struct CUpti_Subscriber_st {
    CUpti_CallbackFunc callback;
    void *user;
};

union memory_params {
    cuMemAlloc_v2_params take;
    cuMemAllocManaged_params managed;
    cuMemAllocAsync_params ordered;
    cuMemFree_v2_params give;
    cuMemFreeAsync_params give_ordered;
    cuMemHostAlloc_params host;
    cuMemFreeHost_params give_host;
    cuMemCreate_params create;
    cuMemRelease_params release;
    cuMemRetainAllocationHandle_params retain;
    cuMemMap_params map;
    cuMemUnmap_params unmap;
};

static struct CUpti_Subscriber_st subscriber;
static atomic_bool subscribed;
static atomic_bool wanted[CUPTI_DRIVER_TRACE_CBID_SIZE];
static atomic_bool wanted_resources[CUPTI_CBID_RESOURCE_SIZE];

static CUpti_CallbackId function_of(enum softgpu_work_kind kind)
{
    switch (kind) {
    case SOFTGPU_KERNEL:
        return CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel;
    case SOFTGPU_COPY_TO_DEVICE:
        return CUPTI_DRIVER_TRACE_CBID_cuMemcpyHtoDAsync_v2;
    case SOFTGPU_COPY_FROM_DEVICE:
        return CUPTI_DRIVER_TRACE_CBID_cuMemcpyDtoHAsync_v2;
    case SOFTGPU_COPY_ON_DEVICE:
        return CUPTI_DRIVER_TRACE_CBID_cuMemcpyDtoDAsync_v2;
    case SOFTGPU_COPY:
        return CUPTI_DRIVER_TRACE_CBID_cuMemcpyAsync;
    case SOFTGPU_GRAPH:
        return CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch;
    case SOFTGPU_FILL:
        break;
    }
    return CUPTI_DRIVER_TRACE_CBID_cuMemsetD8Async;
}

static void tell_node(CUpti_CallbackId what, CUpti_GraphData node)
{
    const CUpti_ResourceData data = {.resourceDescriptor = &node};
    if (atomic_load(&subscribed) && atomic_load(&wanted_resources[what]))
        subscriber.callback(subscriber.user, CUPTI_CB_DOMAIN_RESOURCE, what, &data);
}

/* CUDA's handles are pointers of the driver's types, which the runtime's are too. As CUPTI does, a
   copy is told of twice, first as any node. */
void subscriber_tell_node(const struct softgpu_node *node)
{
    const CUpti_GraphData made = {.graph = (CUgraph)node->graph,
                                  .node = (CUgraphNode)node->node,
                                  .nodeType = (CUgraphNodeType)node->type};
    CUpti_GraphData copied = made;
    copied.originalGraph = (CUgraph)node->original_graph;
    copied.originalNode = (CUgraphNode)node->original;
    tell_node(CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, made);
    if (node->original)
        tell_node(CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED, copied);
}

void subscriber_tell(const struct softgpu_work *work, const struct softgpu_node *made)
{
    const CUpti_CallbackId function = function_of(work->kind);
    const bool tell = atomic_load(&subscribed) && atomic_load(&wanted[function]);
    if (made && !tell)
        subscriber_tell_node(made);
    if (!tell)
        return;
    uint64_t shared = 0;
    CUpti_CallbackData data = {.callbackSite = CUPTI_API_ENTER,
                               .symbolName = work->name,
                               .correlationData = &shared,
                               .correlationId = work->correlation};
    subscriber.callback(subscriber.user, CUPTI_CB_DOMAIN_DRIVER_API, function, &data);
    if (made)
        subscriber_tell_node(made);
    data.callbackSite = CUPTI_API_EXIT;
    subscriber.callback(subscriber.user, CUPTI_CB_DOMAIN_DRIVER_API, function, &data);
}

static CUpti_CallbackId physical_call(struct softgpu_memory *memory, union memory_params *params)
{
    static const CUmemAllocationProp prop = {.type = CU_MEM_ALLOCATION_TYPE_PINNED,
                                             .location = {.type = CU_MEM_LOCATION_TYPE_DEVICE}};
    CUmemGenericAllocationHandle *const handle = (CUmemGenericAllocationHandle *)&memory->handle;
    switch (memory->kind) {
    case SOFTGPU_CREATE:
        params->create = (cuMemCreate_params){handle, memory->bytes, &prop, 0};
        return CUPTI_DRIVER_TRACE_CBID_cuMemCreate;
    case SOFTGPU_RELEASE:
        params->release = (cuMemRelease_params){memory->handle};
        return CUPTI_DRIVER_TRACE_CBID_cuMemRelease;
    case SOFTGPU_RETAIN:
        params->retain = (cuMemRetainAllocationHandle_params){handle, POINTER(memory->address)};
        return CUPTI_DRIVER_TRACE_CBID_cuMemRetainAllocationHandle;
    case SOFTGPU_MAP:
        params->map = (cuMemMap_params){memory->address, memory->bytes, 0, memory->handle, 0};
        return CUPTI_DRIVER_TRACE_CBID_cuMemMap;
    default:
        params->unmap = (cuMemUnmap_params){memory->address, memory->bytes};
        return CUPTI_DRIVER_TRACE_CBID_cuMemUnmap;
    }
}

/* Each function's parameters; softgpu has one stream, but for captures. */
static CUpti_CallbackId memory_call(struct softgpu_memory *memory, union memory_params *params)
{
    CUstream const stream = (CUstream)memory->stream;
    switch (memory->kind) {
    case SOFTGPU_TAKE:
        params->take = (cuMemAlloc_v2_params){(CUdeviceptr *)&memory->address, memory->bytes};
        return CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2;
    case SOFTGPU_TAKE_MANAGED:
        params->managed = (cuMemAllocManaged_params){(CUdeviceptr *)&memory->address, memory->bytes,
                                                     CU_MEM_ATTACH_GLOBAL};
        return CUPTI_DRIVER_TRACE_CBID_cuMemAllocManaged;
    case SOFTGPU_TAKE_ORDERED:
        params->ordered =
            (cuMemAllocAsync_params){(CUdeviceptr *)&memory->address, memory->bytes, stream};
        return CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync;
    case SOFTGPU_GIVE:
        params->give = (cuMemFree_v2_params){(CUdeviceptr)memory->address};
        return CUPTI_DRIVER_TRACE_CBID_cuMemFree_v2;
    case SOFTGPU_TAKE_HOST:
        params->host = (cuMemHostAlloc_params){(void **)&memory->address, memory->bytes, 0};
        return CUPTI_DRIVER_TRACE_CBID_cuMemHostAlloc;
    case SOFTGPU_GIVE_HOST:
        params->give_host = (cuMemFreeHost_params){POINTER(memory->address)};
        return CUPTI_DRIVER_TRACE_CBID_cuMemFreeHost;
    case SOFTGPU_GIVE_ORDERED:
        break;
    default:
        return physical_call(memory, params);
    }
    params->give_ordered = (cuMemFreeAsync_params){(CUdeviceptr)memory->address, stream};
    return CUPTI_DRIVER_TRACE_CBID_cuMemFreeAsync;
}

/* A context is a device's number and one: NULL is none. */
static CUcontext context_of(int device)
{
    const uintptr_t number = (uintptr_t)device + 1;
    return (CUcontext)number; // NOLINT(performance-no-int-to-ptr): nobody follows it
}

void subscriber_tell_memory(struct softgpu_memory *memory, bool ends)
{
    union memory_params params;
    const CUpti_CallbackId function = memory_call(memory, &params);
    if (!atomic_load(&subscribed) || !atomic_load(&wanted[function]))
        return;
    CUresult result = memory->failed ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
    uint64_t shared = 0;
    const CUpti_CallbackData data = {.callbackSite = ends ? CUPTI_API_EXIT : CUPTI_API_ENTER,
                                     .context = context_of(memory->device),
                                     .functionParams = &params,
                                     .functionReturnValue = &result,
                                     .correlationData = &shared};
    subscriber.callback(subscriber.user, CUPTI_CB_DOMAIN_DRIVER_API, function, &data);
}

CUptiResult cuptiGetGraphNodeId(CUgraphNode node, uint64_t *id)
{
    if (!node || !id)
        return CUPTI_ERROR_INVALID_PARAMETER;
    *id = __cudaSoftgpuNodeId(node);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiGetDeviceId(CUcontext context, uint32_t *device)
{
    if (!context || !device)
        return CUPTI_ERROR_INVALID_PARAMETER;
    *device = (uint32_t)((uintptr_t)context - 1);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiSubscribe_v2(CUpti_SubscriberHandle *handle, CUpti_CallbackFunc callback,
                              void *user, CUpti_SubscriberParams *parameters)
{
    static const char holder[] = "CUPTI for another tool";
    const char *mode = getenv("SOFTGPU_CUPTI");
    if (!handle || !callback)
        return CUPTI_ERROR_INVALID_PARAMETER;
    if (!mode || (strcmp(mode, "yes") != 0 && strcmp(mode, "held") != 0))
        return CUPTI_ERROR_NOT_INITIALIZED;
    if (strcmp(mode, "held") == 0 || atomic_exchange(&subscribed, true)) {
        if (parameters && parameters->oldSubscriberName)
            snprintf(parameters->oldSubscriberName, parameters->oldSubscriberSize, "%s", holder);
        return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
    }
    subscriber = (struct CUpti_Subscriber_st){callback, user};
    *handle = &subscriber;
    records_start();
    return CUPTI_SUCCESS;
}

CUptiResult cuptiSubscribe(CUpti_SubscriberHandle *handle, CUpti_CallbackFunc callback, void *user)
{
    return cuptiSubscribe_v2(handle, callback, user, NULL);
}

CUptiResult cuptiEnableCallback(uint32_t enable, CUpti_SubscriberHandle handle,
                                CUpti_CallbackDomain domain, CUpti_CallbackId id)
{
    const bool of_driver =
        domain == CUPTI_CB_DOMAIN_DRIVER_API && id < CUPTI_DRIVER_TRACE_CBID_SIZE;
    const bool of_resource = domain == CUPTI_CB_DOMAIN_RESOURCE && id < CUPTI_CBID_RESOURCE_SIZE;
    if (handle != &subscriber || (!of_driver && !of_resource))
        return CUPTI_ERROR_INVALID_PARAMETER;
    atomic_store(of_driver ? &wanted[id] : &wanted_resources[id], enable != 0);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiGetVersion(uint32_t *version)
{
    *version = CUPTI_API_VERSION;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiGetResultString(CUptiResult result, const char **text)
{
    switch (result) {
#define NAME(id)                                                                                   \
    case id:                                                                                       \
        *text = #id;                                                                               \
        return CUPTI_SUCCESS
        NAME(CUPTI_SUCCESS);
        NAME(CUPTI_ERROR_INVALID_PARAMETER);
        NAME(CUPTI_ERROR_NOT_INITIALIZED);
        NAME(CUPTI_ERROR_INVALID_KIND);
        NAME(CUPTI_ERROR_MAX_LIMIT_REACHED);
        NAME(CUPTI_ERROR_INVALID_OPERATION);
        NAME(CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED);
#undef NAME
    default:
        return CUPTI_ERROR_INVALID_PARAMETER;
    }
}
