/* Every way to allocate, once; built a second time for per-thread default streams. */
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static void linear(void)
{
    void *pointer = NULL;
    size_t pitch = 0;
    struct cudaPitchedPtr pitched;
    const struct cudaExtent extent = {512, 3, 5};
    check(cudaMallocPitch(&pointer, &pitch, 512, 7) == cudaSuccess && pitch == 512,
          "cudaMallocPitch");
    check(cudaFree(pointer) == cudaSuccess, "cudaFree");
    check(cudaMalloc3D(&pitched, extent) == cudaSuccess && pitched.pitch == 512, "cudaMalloc3D");
    check(cudaFree(pitched.ptr) == cudaSuccess, "cudaFree");
    check(cudaMalloc(&pointer, 0) == cudaSuccess && !pointer, "cudaMalloc of nothing");
}

static void arrays(void)
{
    const struct cudaChannelFormatDesc texel = {32, 32, 32, 32, cudaChannelFormatKindFloat};
    const struct cudaExtent extent = {16, 8, 4};
    cudaArray_t array = NULL;
    cudaMipmappedArray_t mipmapped = NULL;
    check(cudaMallocArray(&array, &texel, 64, 0, 0) == cudaSuccess,
          "cudaMallocArray of one dimension");
    check(cudaFreeArray(array) == cudaSuccess, "cudaFreeArray");
    check(cudaMallocArray(&array, &texel, 64, 32, 0) == cudaSuccess, "cudaMallocArray");
    check(cudaFreeArray(array) == cudaSuccess, "cudaFreeArray");
    check(cudaMalloc3DArray(&array, &texel, extent, 0) == cudaSuccess, "cudaMalloc3DArray");
    check(cudaFreeArray(array) == cudaSuccess, "cudaFreeArray");
    check(cudaMallocMipmappedArray(&mipmapped, &texel, extent, 3, 0) == cudaSuccess,
          "cudaMallocMipmappedArray");
    check(cudaFreeMipmappedArray(mipmapped) == cudaSuccess, "cudaFreeMipmappedArray");
}

static void host(void)
{
    void *pointer = NULL;
    check(cudaHostAlloc(&pointer, 100, cudaHostAllocDefault) == cudaSuccess, "cudaHostAlloc");
    check(cudaFreeHost(pointer) == cudaSuccess, "cudaFreeHost");
    pointer = aligned_alloc(4096, 8192);
    check(cudaHostRegister(pointer, 8192, cudaHostRegisterDefault) == cudaSuccess,
          "cudaHostRegister");
    check(cudaHostUnregister(pointer) == cudaSuccess, "cudaHostUnregister");
    free(pointer);
}

static void pools(void)
{
    void *pointer = NULL;
    cudaMemPool_t pool = NULL;
    struct cudaMemPoolProps properties;
    memset(&properties, 0, sizeof properties);
    properties.allocType = cudaMemAllocationTypePinned;
    properties.location.type = cudaMemLocationTypeDevice;
    check(cudaMemPoolCreate(&pool, &properties) == cudaSuccess, "cudaMemPoolCreate");
    check(cudaMallocFromPoolAsync(&pointer, 1000, pool, NULL) == cudaSuccess,
          "cudaMallocFromPoolAsync");
    check(cudaFreeAsync(pointer, NULL) == cudaSuccess, "cudaFreeAsync");
    check(cudaMallocAsync(&pointer, 2000, cudaStreamLegacy) == cudaSuccess, "cudaMallocAsync");
    check(cudaFreeAsync(pointer, cudaStreamPerThread) == cudaSuccess, "cudaFreeAsync");
    check(cudaStreamSynchronize(NULL) == cudaSuccess, "cudaStreamSynchronize");
    check(cudaMemPoolTrimTo(pool, 0) == cudaSuccess, "cudaMemPoolTrimTo");
    check(cudaMemPoolDestroy(pool) == cudaSuccess, "cudaMemPoolDestroy");
}

int main(void)
{
    linear();
    arrays();
    host();
    pools();
    return checked();
}
