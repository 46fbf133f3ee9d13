#include "stream.h"
#include "capture.h"
#include "current_device.h"
#include "error.h"
#include "graph.h"
#include "handles.h"
#include "pool.h"

struct CUstream_st {
    unsigned flags;
    int device;
};

bool sg_stream_valid(cudaStream_t stream)
{
    return !stream || stream == cudaStreamLegacy || stream == cudaStreamPerThread ||
           sg_handle_valid(SG_STREAM, stream);
}

bool sg_stream_blocks(cudaStream_t stream)
{
    return !sg_handle_valid(SG_STREAM, stream) || !(stream->flags & cudaStreamNonBlocking);
}

int sg_stream_device(cudaStream_t stream)
{
    return sg_handle_valid(SG_STREAM, stream) ? stream->device : sg_device();
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
    made->device = sg_device();
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

cudaError_t cudaStreamGetDevice(cudaStream_t stream, int *device)
{
    SG_ENTER_STREAM(stream);
    if (!device)
        return sg_return(cudaErrorInvalidValue);
    *device = sg_stream_device(stream);
    return cudaSuccess;
}
SG_TWIN(cudaStreamGetDevice, _ptsz);

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    const cudaError_t error = sg_capture_forbids_waiting(stream);
    if (error != cudaSuccess)
        return sg_return(error);
    sg_pools_synchronize(sg_stream_device(stream));
    return cudaSuccess;
}
SG_TWIN(cudaStreamSynchronize, _ptsz);

cudaError_t cudaStreamQuery(cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(sg_capture_forbids_waiting(stream));
}
SG_TWIN(cudaStreamQuery, _ptsz);

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags)
{
    SG_ENTER_STREAM(stream);
    if (!sg_handle_valid(SG_EVENT, event))
        return sg_return(cudaErrorInvalidResourceHandle);
    if (flags & ~(unsigned)cudaEventWaitExternal)
        return sg_return(cudaErrorInvalidValue);
    return sg_return(sg_capture_lacks(stream, "cudaStreamWaitEvent"));
}
SG_TWIN(cudaStreamWaitEvent, _ptsz);

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void *data)
{
    SG_ENTER_STREAM(stream);
    if (!function)
        return sg_return(cudaErrorInvalidValue);
    cudaGraph_t graph;
    const cudaError_t error = sg_capture_of(stream, &graph);
    if (error != cudaSuccess)
        return sg_return(error);
    if (graph)
        return sg_return(sg_graph_add_host(graph, function, data));
    function(data);
    return cudaSuccess;
}
SG_TWIN(cudaLaunchHostFunc, _ptsz);
