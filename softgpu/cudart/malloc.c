/* Linear memory: device, stream-ordered, managed and pinned. */
#include "capture.h"
#include "current_device.h"
#include "error.h"
#include "graph.h"
#include "heap.h"
#include "memory.h"
#include "pool.h"
#include "stream.h"
#include "work.h"

#include <stdint.h>

/* As CUDA: no bytes give a null pointer and cudaSuccess. */
static cudaError_t take(enum cudaMemoryType type, size_t bytes, void **address)
{
    if (!address)
        return sg_return(cudaErrorInvalidValue);
    const cudaError_t error = sg_capture_forbids_unsafe();
    if (error != cudaSuccess)
        return sg_return(error);
    if (bytes == 0) {
        *address = NULL;
        return cudaSuccess;
    }
    return sg_return(sg_memory_take(type, bytes, NULL, address));
}

cudaError_t cudaMalloc(void **address, size_t bytes)
{
    SG_ENTER();
    return take(cudaMemoryTypeDevice, bytes, address);
}

/* Rows start at multiples of the block alignment; the padding counts against the capacity. */
static cudaError_t take_rows(size_t width, size_t rows, size_t *pitch, void **address)
{
    if (width > SIZE_MAX - SG_HEAP_ALIGN)
        return sg_return(cudaErrorInvalidValue);
    const size_t row = (width + SG_HEAP_ALIGN - 1) / SG_HEAP_ALIGN * SG_HEAP_ALIGN;
    size_t bytes;
    if (__builtin_mul_overflow(row, rows, &bytes))
        return sg_return(cudaErrorMemoryAllocation);
    const cudaError_t error = take(cudaMemoryTypeDevice, bytes, address);
    if (error == cudaSuccess)
        *pitch = row;
    return error;
}

cudaError_t cudaMallocPitch(void **address, size_t *pitch, size_t width, size_t height)
{
    SG_ENTER();
    return pitch ? take_rows(width, height, pitch, address) : sg_return(cudaErrorInvalidValue);
}

cudaError_t cudaMalloc3D(struct cudaPitchedPtr *pitched, struct cudaExtent extent)
{
    SG_ENTER();
    size_t rows, pitch = 0;
    void *address;
    if (!pitched || __builtin_mul_overflow(extent.height, extent.depth, &rows))
        return sg_return(cudaErrorInvalidValue);
    const cudaError_t error = take_rows(extent.width, rows, &pitch, &address);
    if (error == cudaSuccess)
        *pitched = (struct cudaPitchedPtr){
            .ptr = address, .pitch = pitch, .xsize = extent.width, .ysize = extent.height};
    return error;
}

cudaError_t cudaMallocManaged(void **address, size_t bytes, unsigned flags)
{
    SG_ENTER();
    if ((flags != cudaMemAttachGlobal && flags != cudaMemAttachHost) || bytes == 0)
        return sg_return(cudaErrorInvalidValue);
    return take(cudaMemoryTypeManaged, bytes, address);
}

static cudaError_t give(void *address, bool host)
{
    const cudaError_t error = address ? sg_capture_forbids_unsafe() : cudaSuccess;
    return error != cudaSuccess || !address ? error : sg_memory_give(address, host, false);
}

cudaError_t cudaFree(void *address)
{
    SG_ENTER();
    return sg_return(give(address, false));
}

/* What is captured is a call of the driver's all the same. */
static cudaError_t take_captured(cudaGraph_t graph, size_t bytes, cudaStream_t stream,
                                 void **address)
{
    struct softgpu_memory memory = {
        .kind = SOFTGPU_TAKE_ORDERED, .bytes = bytes, .device = sg_device(), .stream = stream};
    sg_memory_begin(&memory);
    const cudaError_t error = sg_graph_add_alloc(graph, bytes, address);
    memory.failed = error != cudaSuccess;
    memory.address = memory.failed ? 0 : (uintptr_t)*address;
    sg_memory_end(&memory);
    return error;
}

static cudaError_t give_captured(cudaGraph_t graph, cudaStream_t stream, void *address)
{
    struct softgpu_memory memory = {
        .kind = SOFTGPU_GIVE_ORDERED, .address = (uintptr_t)address, .stream = stream};
    sg_memory_begin(&memory);
    const cudaError_t error = sg_graph_add_free(graph, address);
    memory.failed = error != cudaSuccess;
    sg_memory_end(&memory);
    return error;
}

static cudaError_t take_from(cudaMemPool_t pool, size_t bytes, cudaStream_t stream, void **address)
{
    if (!address)
        return sg_return(cudaErrorInvalidValue);
    if (bytes == 0) {
        *address = NULL;
        return cudaSuccess;
    }
    cudaGraph_t graph;
    const cudaError_t error = sg_capture_of(stream, &graph);
    if (error != cudaSuccess)
        return sg_return(error);
    return sg_return(graph ? take_captured(graph, bytes, stream, address)
                           : sg_memory_take(cudaMemoryTypeDevice, bytes, pool, address));
}

cudaError_t cudaMallocAsync(void **address, size_t bytes, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return take_from(sg_pool_current(sg_stream_device(stream)), bytes, stream, address);
}
SG_TWIN(cudaMallocAsync, _ptsz);

cudaError_t cudaMallocFromPoolAsync(void **address, size_t bytes, cudaMemPool_t pool,
                                    cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    return sg_pool_valid(pool) ? take_from(pool, bytes, stream, address)
                               : sg_return(cudaErrorInvalidValue);
}
SG_TWIN(cudaMallocFromPoolAsync, _ptsz);

/* Takes cudaMalloc's memory as well, as cudaFree takes a pool's. */
cudaError_t cudaFreeAsync(void *address, cudaStream_t stream)
{
    SG_ENTER_STREAM(stream);
    cudaGraph_t graph;
    const cudaError_t error = sg_capture_of(stream, &graph);
    if (error != cudaSuccess || !address)
        return sg_return(error);
    return sg_return(graph ? give_captured(graph, stream, address)
                           : sg_memory_give(address, false, true));
}
SG_TWIN(cudaFreeAsync, _ptsz);

cudaError_t cudaMallocHost(void **address, size_t bytes)
{
    SG_ENTER();
    return take(cudaMemoryTypeHost, bytes, address);
}

cudaError_t cudaHostAlloc(void **address, size_t bytes, unsigned flags)
{
    SG_ENTER();
    if (flags &
        ~(unsigned)(cudaHostAllocPortable | cudaHostAllocMapped | cudaHostAllocWriteCombined))
        return sg_return(cudaErrorInvalidValue);
    return take(cudaMemoryTypeHost, bytes, address);
}

cudaError_t cudaFreeHost(void *address)
{
    SG_ENTER();
    return sg_return(give(address, true));
}

cudaError_t cudaHostRegister(void *address, size_t bytes, unsigned flags)
{
    SG_ENTER();
    if (!address || bytes == 0 ||
        flags & ~(unsigned)(cudaHostRegisterPortable | cudaHostRegisterMapped |
                            cudaHostRegisterReadOnly))
        return sg_return(cudaErrorInvalidValue);
    return sg_return(sg_memory_register(address, bytes));
}

cudaError_t cudaHostUnregister(void *address)
{
    SG_ENTER();
    if (!address)
        return sg_return(cudaErrorInvalidValue);
    return sg_return(sg_memory_unregister(address));
}

cudaError_t cudaHostGetDevicePointer(void **device, void *host, unsigned flags)
{
    SG_ENTER();
    struct sg_block block;
    if (!device || flags != 0 || !sg_memory_find(host, &block) || block.type != cudaMemoryTypeHost)
        return sg_return(cudaErrorInvalidValue);
    *device = host;
    return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes *attributes, const void *address)
{
    SG_ENTER();
    if (!attributes)
        return sg_return(cudaErrorInvalidValue);
    struct sg_block block;
    if (!sg_memory_find(address, &block)) {
        *attributes = (struct cudaPointerAttributes){.type = cudaMemoryTypeUnregistered,
                                                     .device = cudaInvalidDeviceId,
                                                     .hostPointer = (void *)address};
        return cudaSuccess;
    }
    *attributes = (struct cudaPointerAttributes){
        .type = block.type,
        .device = block.device,
        .devicePointer = (void *)address,
        .hostPointer = block.type == cudaMemoryTypeDevice ? NULL : (void *)address};
    return cudaSuccess;
}

void *__cudaSoftgpuTake(size_t bytes)
{
    void *address = NULL;
    return sg_memory_take_for_library(bytes, &address) == cudaSuccess ? address : NULL;
}

void __cudaSoftgpuGive(void *memory) { sg_memory_give(memory, false, false); }
