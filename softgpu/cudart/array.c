/* Arrays: opaque handles whose texels lie densely. They can be made, asked and ended; nothing reads
 * them here. */
#include "error.h"
#include "handles.h"
#include "memory.h"

struct cudaArray {
    void *texels;
    struct cudaChannelFormatDesc format;
    struct cudaExtent extent;
    unsigned flags;
};

struct cudaMipmappedArray {
    void *texels; /* all levels */
};

/* 0 if the hardware has no such texel. */
static size_t texel_bytes(const struct cudaChannelFormatDesc *format)
{
    if (!format || format->x < 0 || format->y < 0 || format->z < 0 || format->w < 0)
        return 0;
    const int bits = format->x + format->y + format->z + format->w;
    switch (bits) {
    case 8:
    case 16:
    case 32:
    case 64:
    case 128:
        return (size_t)bits / 8;
    default:
        return 0;
    }
}

static size_t or_one(size_t n) { return n ? n : 1; }

/* A height or depth of 0 means fewer dimensions. False: more than fits into a size. */
static bool extent_bytes(struct cudaExtent extent, size_t texel, size_t *bytes)
{
    return !__builtin_mul_overflow(extent.width, or_one(extent.height), bytes) &&
           !__builtin_mul_overflow(*bytes, or_one(extent.depth), bytes) &&
           !__builtin_mul_overflow(*bytes, texel, bytes);
}

static cudaError_t make_array(cudaArray_t *array, const struct cudaChannelFormatDesc *format,
                              struct cudaExtent extent, unsigned flags)
{
    size_t bytes;
    const size_t texel = texel_bytes(format);
    if (!array || extent.width == 0)
        return cudaErrorInvalidValue;
    if (!texel)
        return cudaErrorInvalidChannelDescriptor;
    if (!extent_bytes(extent, texel, &bytes))
        return cudaErrorMemoryAllocation;
    cudaArray_t made = sg_handle_new(SG_ARRAY, sizeof *made);
    if (!made)
        return cudaErrorMemoryAllocation;
    const cudaError_t error = sg_memory_take(cudaMemoryTypeDevice, bytes, NULL, &made->texels);
    if (error != cudaSuccess) {
        sg_handle_end(SG_ARRAY, made);
        return error;
    }
    made->format = *format;
    made->extent = extent;
    made->flags = flags;
    *array = made;
    return cudaSuccess;
}

cudaError_t cudaMallocArray(cudaArray_t *array, const struct cudaChannelFormatDesc *format,
                            size_t width, size_t height, unsigned flags)
{
    SG_ENTER();
    return sg_return(
        make_array(array, format, (struct cudaExtent){.width = width, .height = height}, flags));
}

cudaError_t cudaMalloc3DArray(cudaArray_t *array, const struct cudaChannelFormatDesc *format,
                              struct cudaExtent extent, unsigned flags)
{
    SG_ENTER();
    return sg_return(make_array(array, format, extent, flags));
}

cudaError_t cudaFreeArray(cudaArray_t array)
{
    SG_ENTER();
    if (!array)
        return cudaSuccess;
    if (!sg_handle_valid(SG_ARRAY, array))
        return sg_return(cudaErrorInvalidValue);
    sg_memory_give(array->texels, false, false);
    sg_handle_end(SG_ARRAY, array);
    return cudaSuccess;
}

cudaError_t cudaArrayGetInfo(struct cudaChannelFormatDesc *format, struct cudaExtent *extent,
                             unsigned *flags, cudaArray_t array)
{
    SG_ENTER();
    if (!sg_handle_valid(SG_ARRAY, array))
        return sg_return(cudaErrorInvalidResourceHandle);
    if (format)
        *format = array->format;
    if (extent)
        *extent = array->extent;
    if (flags)
        *flags = array->flags;
    return cudaSuccess;
}

/* False: more than fits into a size. */
static bool levels_bytes(struct cudaExtent extent, unsigned levels, size_t texel, size_t *bytes)
{
    *bytes = 0;
    for (unsigned level = 0; level < levels && level < 64; level++) {
        size_t of_level;
        if (!extent_bytes(extent, texel, &of_level) ||
            __builtin_add_overflow(*bytes, of_level, bytes))
            return false;
        extent = (struct cudaExtent){or_one(extent.width / 2), or_one(extent.height / 2),
                                     or_one(extent.depth / 2)};
    }
    return true;
}

cudaError_t cudaMallocMipmappedArray(cudaMipmappedArray_t *array,
                                     const struct cudaChannelFormatDesc *format,
                                     struct cudaExtent extent, unsigned levels, unsigned flags)
{
    SG_ENTER();
    (void)flags;
    size_t bytes;
    const size_t texel = texel_bytes(format);
    if (!array || extent.width == 0 || levels == 0)
        return sg_return(cudaErrorInvalidValue);
    if (!texel)
        return sg_return(cudaErrorInvalidChannelDescriptor);
    if (!levels_bytes(extent, levels, texel, &bytes))
        return sg_return(cudaErrorMemoryAllocation);
    cudaMipmappedArray_t made = sg_handle_new(SG_MIPMAPPED_ARRAY, sizeof *made);
    if (!made)
        return sg_return(cudaErrorMemoryAllocation);
    const cudaError_t error = sg_memory_take(cudaMemoryTypeDevice, bytes, NULL, &made->texels);
    if (error != cudaSuccess) {
        sg_handle_end(SG_MIPMAPPED_ARRAY, made);
        return sg_return(error);
    }
    *array = made;
    return cudaSuccess;
}

cudaError_t cudaFreeMipmappedArray(cudaMipmappedArray_t array)
{
    SG_ENTER();
    if (!array)
        return cudaSuccess;
    if (!sg_handle_valid(SG_MIPMAPPED_ARRAY, array))
        return sg_return(cudaErrorInvalidValue);
    sg_memory_give(array->texels, false, false);
    sg_handle_end(SG_MIPMAPPED_ARRAY, array);
    return cudaSuccess;
}
