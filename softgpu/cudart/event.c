#include "capture.h"
#include "current_device.h"
#include "error.h"
#include "handles.h"
#include "pool.h"
#include "stream.h"

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

struct CUevent_st {
    unsigned flags;
    int device;
    _Atomic uint64_t recorded_ns; /* CLOCK_MONOTONIC; 0: never recorded */
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags)
{
    SG_ENTER();
    const unsigned known = cudaEventBlockingSync | cudaEventDisableTiming | cudaEventInterprocess;
    if (!event || flags & ~known)
        return sg_return(cudaErrorInvalidValue);
    if (flags & cudaEventInterprocess)
        return sg_return(cudaErrorNotSupported);
    cudaEvent_t made = sg_handle_new(SG_EVENT, sizeof *made);
    if (!made)
        return sg_return(cudaErrorMemoryAllocation);
    made->flags = flags;
    made->device = sg_device();
    *event = made;
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    SG_ENTER();
    return sg_return(sg_handle_end(SG_EVENT, event) ? cudaSuccess : cudaErrorInvalidResourceHandle);
}

cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags)
{
    SG_ENTER_STREAM(stream);
    if (!sg_handle_valid(SG_EVENT, event))
        return sg_return(cudaErrorInvalidResourceHandle);
    if (flags & ~(unsigned)cudaEventRecordExternal)
        return sg_return(cudaErrorInvalidValue);
    const cudaError_t error = sg_capture_lacks(stream, "cudaEventRecord");
    if (error == cudaSuccess)
        atomic_store(&event->recorded_ns, now_ns());
    return sg_return(error);
}
SG_TWIN(cudaEventRecordWithFlags, _ptsz);

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    return cudaEventRecordWithFlags(event, stream, cudaEventRecordDefault);
}
SG_TWIN(cudaEventRecord, _ptsz);

cudaError_t cudaEventQuery(cudaEvent_t event)
{
    SG_ENTER();
    return sg_return(sg_handle_valid(SG_EVENT, event) ? cudaSuccess
                                                      : cudaErrorInvalidResourceHandle);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    SG_ENTER();
    if (!sg_handle_valid(SG_EVENT, event))
        return sg_return(cudaErrorInvalidResourceHandle);
    sg_pools_synchronize(event->device);
    return cudaSuccess;
}

/* Milliseconds between two records; the order may be either. */
cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t start, cudaEvent_t end)
{
    SG_ENTER();
    if (!ms)
        return sg_return(cudaErrorInvalidValue);
    if (!sg_handle_valid(SG_EVENT, start) || !sg_handle_valid(SG_EVENT, end) ||
        (start->flags | end->flags) & cudaEventDisableTiming)
        return sg_return(cudaErrorInvalidResourceHandle);
    const uint64_t from = atomic_load(&start->recorded_ns), to = atomic_load(&end->recorded_ns);
    if (!from || !to)
        return sg_return(cudaErrorInvalidResourceHandle);
    *ms = (float)((double)(int64_t)(to - from) * 1e-6);
    return cudaSuccess;
}
