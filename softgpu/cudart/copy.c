/*
 * Copies and fills. What the kind calls device memory must be memory that the device reaches, over
 * the whole range: a program that mixes up its pointers fails here as it does on a GPU.
 */
#include "error.h"
#include "memory.h"
#include "stream.h"
#include "work.h"

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

static enum softgpu_work_kind work_kind(enum cudaMemcpyKind kind)
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

static cudaError_t copy(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                        size_t width, size_t height, enum cudaMemcpyKind kind)
{
    if ((unsigned)kind > cudaMemcpyDefault)
        return cudaErrorInvalidMemcpyDirection;
    if (height > 1 && (to_pitch < width || from_pitch < width))
        return cudaErrorInvalidPitchValue;
    const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    if ((to_device && !reaches(to, (struct rows){to_pitch, width, height})) ||
        (from_device && !reaches(from, (struct rows){from_pitch, width, height})))
        return cudaErrorInvalidValue;
    struct softgpu_work work = softgpu_work_begin(work_kind(kind), NULL, width * height);
    for (size_t row = 0; row < height && width; row++)
        memmove((char *)to + row * to_pitch, (const char *)from + row * from_pitch, width);
    softgpu_work_end(&work);
    return cudaSuccess;
}

static cudaError_t fill(void *to, size_t pitch, int value, size_t width, size_t height)
{
    if (height > 1 && pitch < width)
        return cudaErrorInvalidPitchValue;
    if (!reaches(to, (struct rows){pitch, width, height}))
        return cudaErrorInvalidValue;
    struct softgpu_work work = softgpu_work_begin(SOFTGPU_FILL, NULL, width * height);
    for (size_t row = 0; row < height && width; row++)
        memset((char *)to + row * pitch, value, width);
    softgpu_work_end(&work);
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
    SG_ENTER();
    return sg_return(copy(to, bytes, from, bytes, bytes, 1, kind));
}
SG_TWIN(cudaMemcpy, _ptds);

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(copy(to, bytes, from, bytes, bytes, 1, kind));
}
SG_TWIN(cudaMemcpyAsync, _ptsz);

cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                         size_t width, size_t height, enum cudaMemcpyKind kind)
{
    SG_ENTER();
    return sg_return(copy(to, to_pitch, from, from_pitch, width, height, kind));
}
SG_TWIN(cudaMemcpy2D, _ptds);

cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                              size_t width, size_t height, enum cudaMemcpyKind kind,
                              cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(copy(to, to_pitch, from, from_pitch, width, height, kind));
}
SG_TWIN(cudaMemcpy2DAsync, _ptsz);

cudaError_t cudaMemcpyPeer(void *to, int to_device, const void *from, int from_device, size_t bytes)
{
    SG_ENTER();
    if (to_device != 0 || from_device != 0)
        return sg_return(cudaErrorInvalidDevice);
    return sg_return(copy(to, bytes, from, bytes, bytes, 1, cudaMemcpyDeviceToDevice));
}

cudaError_t cudaMemcpyPeerAsync(void *to, int to_device, const void *from, int from_device,
                                size_t bytes, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    if (to_device != 0 || from_device != 0)
        return sg_return(cudaErrorInvalidDevice);
    return sg_return(copy(to, bytes, from, bytes, bytes, 1, cudaMemcpyDeviceToDevice));
}

cudaError_t cudaMemset(void *to, int value, size_t bytes)
{
    SG_ENTER();
    return sg_return(fill(to, bytes, value, bytes, 1));
}
SG_TWIN(cudaMemset, _ptds);

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(fill(to, bytes, value, bytes, 1));
}
SG_TWIN(cudaMemsetAsync, _ptsz);

cudaError_t cudaMemset2D(void *to, size_t pitch, int value, size_t width, size_t height)
{
    SG_ENTER();
    return sg_return(fill(to, pitch, value, width, height));
}
SG_TWIN(cudaMemset2D, _ptds);

cudaError_t cudaMemset2DAsync(void *to, size_t pitch, int value, size_t width, size_t height,
                              cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_return(fill(to, pitch, value, width, height));
}
SG_TWIN(cudaMemset2DAsync, _ptsz);
