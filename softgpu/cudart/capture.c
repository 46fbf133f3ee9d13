#include "capture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "error.h"
#include "graph.h"
#include "stream.h"

struct capture {
    cudaStream_t stream;
    cudaGraph_t graph;
    enum cudaStreamCaptureMode mode;
    pthread_t thread; /* that began it */
    unsigned long long id;
    bool invalid;
    LIST_ENTRY(capture) others;
};

static LIST_HEAD(capture_list, capture) captures = LIST_HEAD_INITIALIZER(captures);
static atomic_uint n_captures; /* so that nobody waits for the lock where there is none */
static unsigned long long last_id;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool any(void) { return atomic_load_explicit(&n_captures, memory_order_acquire) > 0; }

static bool is_legacy(cudaStream_t stream) { return !stream || stream == cudaStreamLegacy; }

/* In these the lock is held. */

static struct capture *find(cudaStream_t stream)
{
    struct capture *at;
    LIST_FOREACH(at, &captures, others)
    if (at->stream == stream)
        return at;
    return NULL;
}

/* The legacy stream waits for every stream that does not say that it is none of its. */
static bool invalidate_blocking(void)
{
    bool found = false;
    struct capture *at;
    LIST_FOREACH(at, &captures, others)
    if (sg_stream_blocks(at->stream))
        found = at->invalid = true;
    return found;
}

static cudaError_t graph_of(cudaStream_t stream, cudaGraph_t *graph)
{
    if (is_legacy(stream))
        return invalidate_blocking() ? cudaErrorStreamCaptureImplicit : cudaSuccess;
    const struct capture *const of = find(stream);
    if (!of)
        return cudaSuccess;
    if (of->invalid)
        return cudaErrorStreamCaptureInvalidated;
    *graph = of->graph;
    return cudaSuccess;
}

static bool is_mine(const struct capture *of) { return pthread_equal(of->thread, pthread_self()); }

static bool forbids_unsafe(const struct capture *of)
{
    return of->mode == cudaStreamCaptureModeGlobal ||
           (of->mode == cudaStreamCaptureModeThreadLocal && is_mine(of));
}

/* From here on it is not. */

cudaError_t sg_capture_of(cudaStream_t stream, cudaGraph_t *graph)
{
    *graph = NULL;
    if (!any())
        return cudaSuccess;
    pthread_mutex_lock(&lock);
    const cudaError_t error = graph_of(stream, graph);
    pthread_mutex_unlock(&lock);
    return error;
}

cudaError_t sg_capture_forbids_waiting(cudaStream_t stream)
{
    cudaGraph_t graph = NULL;
    if (!any())
        return cudaSuccess;
    pthread_mutex_lock(&lock);
    cudaError_t error = graph_of(stream, &graph);
    if (graph) {
        find(stream)->invalid = true;
        error = cudaErrorStreamCaptureUnsupported;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

/* Makes the captures that `forbids` names invalid. */
static cudaError_t forbid(bool (*forbids)(const struct capture *of))
{
    cudaError_t error = cudaSuccess;
    struct capture *at;
    if (!any())
        return cudaSuccess;
    pthread_mutex_lock(&lock);
    LIST_FOREACH(at, &captures, others)
    if (forbids(at)) {
        at->invalid = true;
        error = cudaErrorStreamCaptureUnsupported;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

static bool forbids_always(const struct capture *of)
{
    (void)of;
    return true;
}

cudaError_t sg_capture_forbids_waiting_for_all(void) { return forbid(forbids_always); }

cudaError_t sg_capture_forbids_unsafe(void) { return forbid(forbids_unsafe); }

cudaError_t sg_capture_lacks(cudaStream_t stream, const char *name)
{
    cudaGraph_t graph = NULL;
    const cudaError_t error = sg_capture_of(stream, &graph);
    if (error != cudaSuccess || !graph)
        return error;
    fprintf(stderr, "softgpu: %s: not there for a stream that is being captured\n", name);
    return sg_capture_forbids_waiting(stream);
}

void sg_capture_refuses_library(const char *name)
{
    if (any() && forbid(is_mine) != cudaSuccess)
        fprintf(stderr, "softgpu: %s: not there while a stream is being captured\n",
                name ? name : "a library's call");
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    SG_ENTER_STREAM(stream);
    if (is_legacy(stream))
        return sg_return(cudaErrorStreamCaptureUnsupported);
    if ((unsigned)mode > cudaStreamCaptureModeRelaxed)
        return sg_return(cudaErrorInvalidValue);
    struct capture *const made = malloc(sizeof *made);
    cudaGraph_t graph = made ? sg_graph_new() : NULL;
    if (!graph) {
        free(made);
        return sg_return(cudaErrorMemoryAllocation);
    }
    pthread_mutex_lock(&lock);
    const bool taken = find(stream) != NULL;
    if (!taken) {
        *made = (struct capture){.stream = stream,
                                 .graph = graph,
                                 .mode = mode,
                                 .thread = pthread_self(),
                                 .id = ++last_id};
        LIST_INSERT_HEAD(&captures, made, others);
        atomic_fetch_add(&n_captures, 1);
    }
    pthread_mutex_unlock(&lock);
    if (!taken)
        return cudaSuccess;
    sg_graph_end(graph);
    free(made);
    return sg_return(cudaErrorInvalidValue);
}
SG_TWIN(cudaStreamBeginCapture, _ptsz);

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    SG_ENTER_STREAM(stream);
    if (!graph)
        return sg_return(cudaErrorInvalidValue);
    cudaError_t error = cudaSuccess;
    pthread_mutex_lock(&lock);
    struct capture *const of = find(stream);
    if (!of)
        error = cudaErrorInvalidValue;
    else if (of->mode != cudaStreamCaptureModeRelaxed && !is_mine(of))
        error = cudaErrorStreamCaptureWrongThread;
    if (error == cudaSuccess) {
        LIST_REMOVE(of, others);
        atomic_fetch_sub(&n_captures, 1);
    }
    pthread_mutex_unlock(&lock);
    if (error != cudaSuccess)
        return sg_return(error);
    if (of->invalid) {
        error = cudaErrorStreamCaptureInvalidated;
        sg_graph_end(of->graph);
    }
    *graph = of->invalid ? NULL : of->graph;
    free(of);
    return sg_return(error);
}
SG_TWIN(cudaStreamEndCapture, _ptsz);

static enum cudaStreamCaptureStatus status_of(const struct capture *of)
{
    return !of           ? cudaStreamCaptureStatusNone
           : of->invalid ? cudaStreamCaptureStatusInvalidated
                         : cudaStreamCaptureStatusActive;
}

/* Dependencies between nodes are not kept: who asks for them is refused. */
cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, enum cudaStreamCaptureStatus *status,
                                     unsigned long long *id, cudaGraph_t *graph,
                                     const cudaGraphNode_t **dependencies,
                                     const cudaGraphEdgeData **edges, size_t *n_dependencies)
{
    SG_ENTER_STREAM(stream);
    if (!status)
        return sg_return(cudaErrorInvalidValue);
    if (dependencies || edges || n_dependencies)
        return sg_return(cudaErrorNotSupported);
    cudaError_t error = cudaSuccess;
    pthread_mutex_lock(&lock);
    const struct capture *const of = find(stream);
    if (is_legacy(stream)) {
        struct capture *at;
        LIST_FOREACH(at, &captures, others)
        if (sg_stream_blocks(at->stream))
            error = cudaErrorStreamCaptureImplicit;
    }
    *status = status_of(of);
    if (of && id)
        *id = of->id;
    if (of && graph)
        *graph = of->graph;
    pthread_mutex_unlock(&lock);
    return sg_return(error);
}
SG_TWIN(cudaStreamGetCaptureInfo, _ptsz);

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus *status)
{
    return cudaStreamGetCaptureInfo(stream, status, NULL, NULL, NULL, NULL, NULL);
}
SG_TWIN(cudaStreamIsCapturing, _ptsz);
