/* See device.h. */
#include "device.h"
#include "fail.h"
#include "ranges.h"

#include <stdint.h>
#include <stdlib.h>

struct device device_open(const struct options *options)
{
    struct device d = {
        .precision = (enum precision)options->precision,
        .layout = (enum layout)options->layout,
        .allocator = (enum allocator)options->allocator,
        .deterministic = (enum deterministic)options->deterministic,
    };
    range_push("libraries");
    CHECK_CUDA(cudaSetDevice(0));
    CHECK_CUDA(cudaStreamCreateWithFlags(&d.stream, cudaStreamNonBlocking));
    if (d.allocator == ALLOCATOR_ASYNC) {
        /* Freed memory stays in the pool: without this each synchronisation gives it back. */
        uint64_t threshold = UINT64_MAX;
        cudaMemPool_t pool;
        CHECK_CUDA(cudaDeviceGetDefaultMemPool(&pool, 0));
        CHECK_CUDA(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
    }
    CHECK_CUDNN(cudnnCreate(&d.cudnn));
    CHECK_CUDNN(cudnnSetStream(d.cudnn, d.stream));
    CHECK_CUBLAS(cublasCreate(&d.cublas));
    CHECK_CUBLAS(cublasSetStream(d.cublas, d.stream));
    CHECK_CUBLAS(cublasSetMathMode(d.cublas, d.precision == PRECISION_TF32
                                                 ? CUBLAS_TF32_TENSOR_OP_MATH
                                                 : CUBLAS_DEFAULT_MATH));
    range_pop();
    return d;
}

void device_close(struct device *device)
{
    CHECK_CUBLAS(cublasDestroy(device->cublas));
    CHECK_CUDNN(cudnnDestroy(device->cudnn));
    CHECK_CUDA(cudaStreamDestroy(device->stream));
}

cudnnTensorFormat_t device_format(const struct device *device)
{
    return device->layout == LAYOUT_NHWC ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW;
}

static _Noreturn void out_of_memory(size_t bytes)
{
    size_t free_bytes = 0;
    size_t total_bytes = 0;
    (void)cudaGetLastError();
    (void)cudaMemGetInfo(&free_bytes, &total_bytes);
    fail("out of memory in %s: %zu bytes asked for, %zu of %zu bytes free", ranges_current(), bytes,
         free_bytes, total_bytes);
}

struct buffer *buffer_new(const struct device *device, size_t bytes)
{
    struct buffer *b = must_alloc(1, sizeof *b);
    b->users = 1;
    const cudaError_t status = device->allocator == ALLOCATOR_ASYNC
                                   ? cudaMallocAsync(&b->data, bytes, device->stream)
                                   : cudaMalloc(&b->data, bytes);
    if (status == cudaErrorMemoryAllocation)
        out_of_memory(bytes);
    if (status != cudaSuccess)
        fail_call(device->allocator == ALLOCATOR_ASYNC ? "cudaMallocAsync" : "cudaMalloc",
                  cudaGetErrorString(status));
    return b;
}

struct buffer *buffer_share(struct buffer *buffer)
{
    buffer->users++;
    return buffer;
}

void buffer_release(const struct device *device, struct buffer **buffer)
{
    struct buffer *b = *buffer;
    *buffer = NULL;
    if (!b || --b->users > 0)
        return;
    if (device->allocator == ALLOCATOR_ASYNC)
        CHECK_CUDA(cudaFreeAsync(b->data, device->stream));
    else
        CHECK_CUDA(cudaFree(b->data));
    free(b);
}
