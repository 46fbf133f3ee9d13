/* The CUDA runtime's wrappers. */
#include <cuda_runtime_api.h>

#include "wrap_stream.h"

/* cudaLaunchKernelExC has the stream in the configuration that is its first argument; a row without
   a stream works in the default one. */
static void *stream_in(const void *argument)
{
    const cudaLaunchConfig_t *const *config = argument;
    return *config ? (*config)->stream : NULL;
}
static void *no_stream(const void *argument)
{
    (void)argument;
    return NULL;
}
#define STREAM_IN_FIRST(args)                                                                      \
    _Generic(&(GP_STREAM_FIRST_OF args), const cudaLaunchConfig_t * *: stream_in,                  \
             default: no_stream)(&(GP_STREAM_FIRST_OF args))
#define GP_STREAM(api, args)                                                                       \
    gp_stream_named(api, _Generic(args, cudaStream_t : args, default : STREAM_IN_FIRST(args)))

#define GP_NOT_FOUND cudaErrorSharedObjectSymbolNotFound
#include "wrap.h"

/* Called by code that nvcc generates; declared for C++ alone, in crt/device_functions.h. */
extern cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 gridDim, dim3 blockDim, void **args,
                                      size_t sharedMem, cudaStream_t stream);

static struct cudaExtent make_extent(size_t width, size_t height, size_t depth)
{
    return (struct cudaExtent){width, height, depth};
}

/* Bytes of the texels of an array of so many mipmap levels; an extent of 0 in height or depth means
   that the array has no such dimension, and layers do not get fewer from level to level. */
static uint64_t gp_array_bytes(const struct cudaChannelFormatDesc *desc, struct cudaExtent extent,
                               unsigned levels, unsigned flags)
{
    const uint64_t texel_bits =
        (uint64_t)desc->x + (uint64_t)desc->y + (uint64_t)desc->z + (uint64_t)desc->w;
    const bool layered = flags & (cudaArrayLayered | cudaArrayCubemap);
    uint64_t width = extent.width, height = extent.height, depth = extent.depth, texels = 0;
    for (unsigned level = 0; level < levels; level++) {
        texels += (width ? width : 1) * (height ? height : 1) * (depth ? depth : 1);
        width /= 2;
        height /= 2;
        if (!layered)
            depth /= 2;
    }
    return texels * texel_bits / 8;
}

/* A node of whatever kind: those of memory are noted. */
static void note_node(enum gp_api api, cudaGraph_t graph, const struct cudaGraphNodeParams *params)
{
    if (params->type == cudaGraphNodeTypeMemAlloc)
        gp_cuda_graphs_memory(api, graph, params->alloc.dptr, params->alloc.bytesize);
    else if (params->type == cudaGraphNodeTypeMemFree)
        gp_cuda_graphs_memory(api, graph, params->free.dptr, 0);
}

#include "api/cudart.def"
