#include "stream.h"
#include "error.h"
#include "handles.h"
#include "pool.h"

struct CUstream_st {
    unsigned flags;
};

bool sg_stream_valid(cudaStream_t stream)
{
    return !stream || stream == cudaStreamLegacy || stream == cudaStreamPerThread ||
           sg_handle_valid(SG_STREAM, stream);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags)
{
    SG_ENTER();
    if (!stream || flags & ~(unsigned)cudaStreamNonBlocking)
        return sg_return(cudaErrorInvalidValue);
    cudaStream_t made = sg_handle_new(SG_STREAM, sizeof *made);
    if (!made)
        return sg_return(cudaErrorMemoryAllocation);
    made->flags = flags;
    *stream = made;
    return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream)
{
    return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

/* The device says that it has one priority, 0; CUDA clamps others to what there is. */
cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned flags, int priority)
{
    (void)priority;
    return cudaStreamCreateWithFlags(stream, flags);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    SG_ENTER();
    return sg_return(sg_handle_end(SG_STREAM, stream) ? cudaSuccess
                                                      : cudaErrorInvalidResourceHandle);
}

cudaError_t cudaStreamGetFlags(cudaStream_t stream, unsigned *flags)
{
    SG_ENTER_STREAM(stream);
    if (!flags)
        return sg_return(cudaErrorInvalidValue);
    *flags = sg_handle_valid(SG_STREAM, stream) ? stream->flags : cudaStreamDefault;
    return cudaSuccess;
}
SG_TWIN(cudaStreamGetFlags, _ptsz);

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    sg_pools_synchronize();
    return cudaSuccess;
}
SG_TWIN(cudaStreamSynchronize, _ptsz);

cudaError_t cudaStreamQuery(cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return cudaSuccess;
}
SG_TWIN(cudaStreamQuery, _ptsz);

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags)
{
    SG_ENTER_STREAM(stream);
    if (!sg_handle_valid(SG_EVENT, event))
        return sg_return(cudaErrorInvalidResourceHandle);
    return sg_return(flags & ~(unsigned)cudaEventWaitExternal ? cudaErrorInvalidValue
                                                              : cudaSuccess);
}
SG_TWIN(cudaStreamWaitEvent, _ptsz);

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus *status)
{
    SG_ENTER_STREAM(stream);
    if (!status)
        return sg_return(cudaErrorInvalidValue);
    *status = cudaStreamCaptureStatusNone;
    return cudaSuccess;
}
SG_TWIN(cudaStreamIsCapturing, _ptsz);

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void *data)
{
    SG_ENTER_STREAM(stream);
    if (!function)
        return sg_return(cudaErrorInvalidValue);
    function(data);
    return cudaSuccess;
}
SG_TWIN(cudaLaunchHostFunc, _ptsz);
