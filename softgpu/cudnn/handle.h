/*
 * The library handle: oneDNN's engine, the primitives made so far, and scratch memory.
 * As with cuDNN, two threads may not use one handle at the same time; nothing here locks.
 */
#ifndef SOFTGPU_CUDNN_HANDLE_H
#define SOFTGPU_CUDNN_HANDLE_H

#include <cudnn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stddef.h>

struct plan;

/* What a call may need beside its operands and its workspace. */
enum scratch_use {
    SCRATCH_PRIMITIVE, /* oneDNN's own scratchpad, where the call has no workspace argument */
    SCRATCH_RESULT,    /* the result before `alpha * result + beta * old` */
    SCRATCH_INDEX,     /* where the maxima of a pooling were */
    SCRATCH_CHANNEL,   /* numbers per channel */
    SCRATCH_USES
};

struct scratch {
    void *base;
    size_t bytes;
};

struct cudnnContext {
    cudaStream_t stream; /* kept to be given back: work is done at once, in the caller's thread */
    void *memory;        /* the device's, as the vendor's handle has */
    dnnl_engine_t engine;
    dnnl_stream_t queue;
    struct plan *plans; /* hashed by plan_key */
    struct scratch scratch[SCRATCH_USES];
};

/*
 * `bytes` of host memory that stay the handle's and valid until the next call with the same use.
 * Grows to the largest request, at most one tensor each; NULL if there is no memory.
 */
void *handle_scratch(cudnnHandle_t handle, enum scratch_use use, size_t bytes);

#endif
