/*
 * Copies and fills. What the kind calls device memory must be memory that the device reaches, over
 * the whole range: a program that mixes up its pointers fails here as it does on a GPU.
 */
#include "copy.h"
#include "capture.h"
#include "current_device.h"
#include "error.h"
#include "graph.h"
#include "memory.h"
#include "stream.h"
#include "tell.h"

#include <string.h>

/* A region of rows that lie `pitch` bytes apart. */
struct rows {
    size_t pitch, width, height;
};

static bool span(struct rows rows, size_t *bytes)
{
    if (rows.width == 0 || rows.height == 0) {
        *bytes = 0;
        return true;
    }
    return !__builtin_mul_overflow(rows.pitch, rows.height - 1, bytes) &&
           !__builtin_add_overflow(*bytes, rows.width, bytes);
}

static bool reaches(const void *address, struct rows rows)
{
    size_t bytes;
    return span(rows, &bytes) && sg_memory_reaches(address, bytes);
}

enum softgpu_work_kind sg_copy_work_kind(enum cudaMemcpyKind kind)
{
    switch (kind) {
    case cudaMemcpyHostToDevice:
        return SOFTGPU_COPY_TO_DEVICE;
    case cudaMemcpyDeviceToHost:
        return SOFTGPU_COPY_FROM_DEVICE;
    case cudaMemcpyDeviceToDevice:
        return SOFTGPU_COPY_ON_DEVICE;
    default:
        return SOFTGPU_COPY;
    }
}

cudaError_t sg_copy_check(const struct sg_copy *copy)
{
    if ((unsigned)copy->kind > cudaMemcpyDefault)
        return cudaErrorInvalidMemcpyDirection;
    if (copy->height > 1 && (copy->to_pitch < copy->width || copy->from_pitch < copy->width))
        return cudaErrorInvalidPitchValue;
    return cudaSuccess;
}

cudaError_t sg_copy_do(const struct sg_copy *copy, struct softgpu_part part)
{
    const enum cudaMemcpyKind kind = copy->kind;
    const size_t width = copy->width, height = copy->height;
    const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    if ((to_device && !reaches(copy->to, (struct rows){copy->to_pitch, width, height})) ||
        (from_device && !reaches(copy->from, (struct rows){copy->from_pitch, width, height})))
        return cudaErrorInvalidValue;
    struct softgpu_work work = {.kind = sg_copy_work_kind(kind),
                                .bytes = width * height,
                                .node = part.node,
                                .correlation = part.correlation};
    sg_work_begin(&work);
    for (size_t row = 0; row < height && width; row++)
        memmove((char *)copy->to + row * copy->to_pitch,
                (const char *)copy->from + row * copy->from_pitch, width);
    sg_work_end(&work);
    return cudaSuccess;
}

cudaError_t sg_fill_check(const struct sg_fill *fill)
{
    return fill->height > 1 && fill->pitch < fill->width ? cudaErrorInvalidPitchValue : cudaSuccess;
}

cudaError_t sg_fill_do(const struct sg_fill *fill, struct softgpu_part part)
{
    if (!reaches(fill->to, (struct rows){fill->pitch, fill->width, fill->height}))
        return cudaErrorInvalidValue;
    struct softgpu_work work = {.kind = SOFTGPU_FILL,
                                .bytes = fill->width * fill->height,
                                .node = part.node,
                                .correlation = part.correlation};
    sg_work_begin(&work);
    for (size_t row = 0; row < fill->height && fill->width; row++)
        memset((char *)fill->to + row * fill->pitch, fill->value, fill->width);
    sg_work_end(&work);
    return cudaSuccess;
}

static const struct softgpu_part none = {0, 0};

static cudaError_t copy(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                        size_t width, size_t height, enum cudaMemcpyKind kind, cudaStream_t stream)
{
    const struct sg_copy asked = {to, to_pitch, from, from_pitch, width, height, kind};
    cudaGraph_t graph;
    cudaError_t error = sg_capture_of(stream, &graph);
    if (error == cudaSuccess)
        error = sg_copy_check(&asked);
    if (error != cudaSuccess)
        return error;
    return graph ? sg_graph_add_copy(graph, &asked) : sg_copy_do(&asked, none);
}

static cudaError_t fill(void *to, size_t pitch, int value, size_t width, size_t height,
                        cudaStream_t stream)
{
    const struct sg_fill asked = {to, pitch, value, width, height};
    cudaGraph_t graph;
    cudaError_t error = sg_capture_of(stream, &graph);
    if (error == cudaSuccess)
        error = sg_fill_check(&asked);
    if (error != cudaSuccess)
        return error;
    return graph ? sg_graph_add_fill(graph, &asked) : sg_fill_do(&asked, none);
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
    SG_ENTER();
    return sg_return(copy(to, bytes, from, bytes, bytes, 1, kind, cudaStreamLegacy));
}
SG_TWIN(cudaMemcpy, _ptds);

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(copy(to, bytes, from, bytes, bytes, 1, kind, stream));
}
SG_TWIN(cudaMemcpyAsync, _ptsz);

cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                         size_t width, size_t height, enum cudaMemcpyKind kind)
{
    SG_ENTER();
    return sg_return(copy(to, to_pitch, from, from_pitch, width, height, kind, cudaStreamLegacy));
}
SG_TWIN(cudaMemcpy2D, _ptds);

cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                              size_t width, size_t height, enum cudaMemcpyKind kind,
                              cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(copy(to, to_pitch, from, from_pitch, width, height, kind, stream));
}
SG_TWIN(cudaMemcpy2DAsync, _ptsz);

cudaError_t cudaMemcpyPeer(void *to, int to_device, const void *from, int from_device, size_t bytes)
{
    SG_ENTER();
    if (!sg_device_valid(to_device) || !sg_device_valid(from_device))
        return sg_return(cudaErrorInvalidDevice);
    return sg_return(
        copy(to, bytes, from, bytes, bytes, 1, cudaMemcpyDeviceToDevice, cudaStreamLegacy));
}

cudaError_t cudaMemcpyPeerAsync(void *to, int to_device, const void *from, int from_device,
                                size_t bytes, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    if (!sg_device_valid(to_device) || !sg_device_valid(from_device))
        return sg_return(cudaErrorInvalidDevice);
    return sg_return(copy(to, bytes, from, bytes, bytes, 1, cudaMemcpyDeviceToDevice, stream));
}

cudaError_t cudaMemset(void *to, int value, size_t bytes)
{
    SG_ENTER();
    return sg_return(fill(to, bytes, value, bytes, 1, cudaStreamLegacy));
}
SG_TWIN(cudaMemset, _ptds);

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(fill(to, bytes, value, bytes, 1, stream));
}
SG_TWIN(cudaMemsetAsync, _ptsz);

cudaError_t cudaMemset2D(void *to, size_t pitch, int value, size_t width, size_t height)
{
    SG_ENTER();
    return sg_return(fill(to, pitch, value, width, height, cudaStreamLegacy));
}
SG_TWIN(cudaMemset2D, _ptds);

cudaError_t cudaMemset2DAsync(void *to, size_t pitch, int value, size_t width, size_t height,
                              cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(fill(to, pitch, value, width, height, stream));
}
SG_TWIN(cudaMemset2DAsync, _ptsz);
