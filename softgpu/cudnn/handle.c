/* The library handle and what the library says about itself. */
#include "handle.h"

#include "plan.h"
#include "status.h"
#include "work.h"

#include <cuda_runtime_api.h>
#include <stdlib.h>

#define DEVICE_BYTES      ((size_t)1 << 18) /* of a handle; the vendor's takes 8 MiB */
#define SCRATCH_ALIGNMENT ((size_t)64)

cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
{
    cudnnHandle_t made;

    if (handle == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the handle");
    *handle = NULL;
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
    if (!softgpu_take(DEVICE_BYTES, &made->memory)) {
        free(made);
        return CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED;
    }
    if (dnnl_engine_create(&made->engine, dnnl_cpu, 0) != dnnl_success ||
        dnnl_stream_create(&made->queue, made->engine, dnnl_stream_in_order) != dnnl_success) {
        cudnnDestroy(made);
        return REFUSE(CUDNN_STATUS_INTERNAL_ERROR, "oneDNN gives no CPU engine");
    }
    *handle = made;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
{
    if (handle == NULL)
        return CUDNN_STATUS_SUCCESS;
    plans_free(handle);
    softgpu_give(handle->memory);
    for (int i = 0; i < SCRATCH_USES; i++)
        free(handle->scratch[i].base);
    dnnl_stream_destroy(handle->queue);
    dnnl_engine_destroy(handle->engine);
    free(handle);
    return CUDNN_STATUS_SUCCESS;
}

void *handle_scratch(cudnnHandle_t handle, enum scratch_use use, size_t bytes)
{
    struct scratch *scratch = &handle->scratch[use];

    if (bytes > scratch->bytes || scratch->base == NULL) {
        size_t rounded = (bytes + SCRATCH_ALIGNMENT) / SCRATCH_ALIGNMENT * SCRATCH_ALIGNMENT;

        free(scratch->base);
        scratch->base = aligned_alloc(SCRATCH_ALIGNMENT, rounded);
        scratch->bytes = scratch->base != NULL ? rounded : 0;
    }
    return scratch->base;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t streamId)
{
    if (handle == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no handle");
    handle->stream = streamId;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetStream(cudnnHandle_t handle, cudaStream_t *streamId)
{
    if (handle == NULL || streamId == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no handle or no place for the stream");
    *streamId = handle->stream;
    return CUDNN_STATUS_SUCCESS;
}

/* The version whose headers this library was built with. */
size_t cudnnGetVersion(void) { return CUDNN_VERSION; }

size_t cudnnGetCudartVersion(void) { return CUDART_VERSION; }
