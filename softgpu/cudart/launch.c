/* Launches, and what can be asked about a kernel. A body runs in the caller's thread, no lock held.
 */
#include "capture.h"
#include "error.h"
#include "graph.h"
#include "kernels.h"
#include "registration.h"
#include "stream.h"
#include "tell.h"

#define THREADS_PER_BLOCK 1024u
#define THREADS_PER_SM    2048
#define BLOCKS_PER_SM     32

static bool valid_shape(dim3 grid, dim3 block)
{
    const unsigned long long threads = (unsigned long long)block.x * block.y * block.z;
    return grid.x && grid.y && grid.z && threads && block.x <= THREADS_PER_BLOCK &&
           block.y <= THREADS_PER_BLOCK && block.z <= 64 && threads <= THREADS_PER_BLOCK;
}

static cudaError_t launch(const void *function, dim3 grid, dim3 block, void **args,
                          cudaStream_t stream)
{
    cudaKernel_t kernel = sg_kernel_find(function);
    if (!kernel)
        return cudaErrorInvalidDeviceFunction;
    const struct softgpu_kernel *const body = sg_kernel_runnable(kernel);
    if (!body)
        return cudaErrorInvalidDeviceFunction;
    if (!valid_shape(grid, block))
        return cudaErrorInvalidConfiguration;
    const struct sg_kernel_call call = {body, sg_kernel_name(kernel), args};
    cudaGraph_t graph;
    const cudaError_t error = sg_capture_of(stream, &graph);
    if (error != cudaSuccess)
        return error;
    if (graph)
        return sg_graph_add_kernel(graph, &call);
    struct softgpu_work work = {.kind = SOFTGPU_KERNEL, .name = call.name};
    sg_work_begin(&work);
    body->body(args);
    sg_work_end(&work);
    return cudaSuccess;
}

cudaError_t cudaLaunchKernel(const void *function, dim3 grid, dim3 block, void **args,
                             size_t shared_bytes, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    (void)shared_bytes;
    return sg_return(launch(function, grid, block, args, stream));
}
SG_TWIN(cudaLaunchKernel, _ptsz);

cudaError_t cudaLaunchCooperativeKernel(const void *function, dim3 grid, dim3 block, void **args,
                                        size_t shared_bytes, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    (void)shared_bytes;
    return sg_return(launch(function, grid, block, args, stream));
}
SG_TWIN(cudaLaunchCooperativeKernel, _ptsz);

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *config, const void *function, void **args)
{
    SG_ENTER();
    if (!config)
        return sg_return(cudaErrorInvalidValue);
    SG_ENTER_STREAM(config->stream);
    return sg_return(launch(function, config->gridDim, config->blockDim, args, config->stream));
}
SG_TWIN(cudaLaunchKernelExC, _ptsz);

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void **args,
                               size_t shared_bytes, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    (void)shared_bytes;
    return sg_return(launch(kernel, grid, block, args, stream));
}
SG_TWIN(__cudaLaunchKernel, _ptsz);

static cudaError_t get_kernel(cudaKernel_t *kernel, const void *function)
{
    SG_ENTER();
    if (!kernel)
        return sg_return(cudaErrorInvalidValue);
    cudaKernel_t found = sg_kernel_find(function);
    if (!found)
        return sg_return(cudaErrorInvalidDeviceFunction);
    *kernel = found;
    return cudaSuccess;
}

cudaError_t cudaGetKernel(cudaKernel_t *kernel, const void *function)
{
    return get_kernel(kernel, function);
}

cudaError_t __cudaGetKernel(cudaKernel_t *kernel, const void *function)
{
    return get_kernel(kernel, function);
}

cudaError_t cudaFuncGetName(const char **name, const void *function)
{
    SG_ENTER();
    cudaKernel_t kernel = sg_kernel_find(function);
    if (!name)
        return sg_return(cudaErrorInvalidValue);
    if (!kernel)
        return sg_return(cudaErrorInvalidDeviceFunction);
    *name = sg_kernel_name(kernel);
    return cudaSuccess;
}

/* Offsets are those of a parameter buffer in which each parameter is aligned to its size, up to 8:
 * the body's table has sizes only. */
cudaError_t cudaFuncGetParamInfo(const void *function, size_t index, size_t *offset, size_t *bytes)
{
    SG_ENTER();
    cudaKernel_t kernel = sg_kernel_find(function);
    const struct softgpu_kernel *const body = kernel ? sg_kernel_runnable(kernel) : NULL;
    if (!body)
        return sg_return(cudaErrorInvalidDeviceFunction);
    if (!offset || index >= body->n_params)
        return sg_return(cudaErrorInvalidValue);
    size_t at = 0;
    for (size_t i = 0;; i++) {
        const size_t own = body->param_bytes[i] & -body->param_bytes[i];
        const size_t align = own > 8 || own == 0 ? 8 : own;
        at = (at + align - 1) / align * align;
        if (i == index)
            break;
        at += body->param_bytes[i];
    }
    *offset = at;
    if (bytes)
        *bytes = body->param_bytes[index];
    return cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *attributes, const void *function)
{
    SG_ENTER();
    if (!attributes)
        return sg_return(cudaErrorInvalidValue);
    if (!sg_kernel_find(function))
        return sg_return(cudaErrorInvalidDeviceFunction);
    *attributes = (struct cudaFuncAttributes){.maxThreadsPerBlock = (int)THREADS_PER_BLOCK};
    return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void *function, enum cudaFuncAttribute attribute, int value)
{
    SG_ENTER();
    (void)value; /* a body has neither shared memory nor clusters */
    if (!sg_kernel_find(function))
        return sg_return(cudaErrorInvalidDeviceFunction);
    return sg_return((unsigned)attribute < cudaFuncAttributeMax ? cudaSuccess
                                                                : cudaErrorInvalidValue);
}

static cudaError_t occupancy(int *blocks, const void *function, int block_size)
{
    if (!blocks || block_size < 1)
        return cudaErrorInvalidValue;
    if (!sg_kernel_find(function))
        return cudaErrorInvalidDeviceFunction;
    const int fit = block_size > (int)THREADS_PER_BLOCK ? 0 : THREADS_PER_SM / block_size;
    *blocks = fit > BLOCKS_PER_SM ? BLOCKS_PER_SM : fit;
    return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, const void *function,
                                                          int block_size, size_t shared_bytes)
{
    SG_ENTER();
    (void)shared_bytes;
    return sg_return(occupancy(blocks, function, block_size));
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int *blocks, const void *function, int block_size, size_t shared_bytes, unsigned flags)
{
    SG_ENTER();
    (void)shared_bytes, (void)flags;
    return sg_return(occupancy(blocks, function, block_size));
}
