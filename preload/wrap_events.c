/* CUDA events, for time on the GPU without CUPTI (vendor_events.h). */
#include <cuda_runtime_api.h>

#include "resolve.h"
#include "vendor.h"
#include "vendor_events.h"

/* The real function, or NULL. */
#define REAL(name) ((__typeof__(&name))gp_resolve_query(GP_QUERY_##name))

/* True if the call succeeded; else its error is taken away again. */
static bool done(cudaError_t status)
{
    __typeof__(&cudaGetLastError) const take = REAL(cudaGetLastError);
    if (status != cudaSuccess && take)
        take();
    return status == cudaSuccess;
}

bool gp_vendor_event_make(void **event)
{
    __typeof__(&cudaEventCreateWithFlags) const make = REAL(cudaEventCreateWithFlags);
    cudaEvent_t made;
    if (!make || !done(make(&made, cudaEventDefault)))
        return false;
    *event = made;
    return true;
}

bool gp_vendor_event_record(void *event, void *stream)
{
    __typeof__(&cudaEventRecord) const record = REAL(cudaEventRecord);
    return record && done(record(event, stream));
}

enum gp_event_answer gp_vendor_event_elapsed(void *from, void *to, float *ms)
{
    __typeof__(&cudaEventElapsedTime) const elapsed = REAL(cudaEventElapsedTime);
    if (!elapsed)
        return GP_EVENT_NEVER;
    const cudaError_t status = elapsed(ms, from, to);
    if (done(status))
        return GP_EVENT_KNOWN;
    return status == cudaErrorNotReady ? GP_EVENT_NOT_YET : GP_EVENT_NEVER;
}

/* The legacy stream cannot be asked about, and not be used, while a stream that it waits for
   captures: that is an error here, and the capture stays whole. */
enum gp_stream_use gp_vendor_stream_use(void *stream)
{
    __typeof__(&cudaStreamIsCapturing) const ask = REAL(cudaStreamIsCapturing);
    enum cudaStreamCaptureStatus status;
    if (!ask || !done(ask(stream, &status)))
        return GP_STREAM_NOBODY_KNOWS;
    return status == cudaStreamCaptureStatusNone ? GP_STREAM_RUNS : GP_STREAM_CAPTURES;
}

/* Exchanges the thread's mode; the one before, or `mode` where the runtime has no captures. */
static int exchange(int mode)
{
    __typeof__(&cudaThreadExchangeStreamCaptureMode) const real =
        REAL(cudaThreadExchangeStreamCaptureMode);
    enum cudaStreamCaptureMode held = (enum cudaStreamCaptureMode)mode;
    return real && done(real(&held)) ? (int)held : mode;
}

int gp_vendor_capture_enter(void) { return exchange(cudaStreamCaptureModeRelaxed); }
void gp_vendor_capture_leave(int mode) { exchange(mode); }
