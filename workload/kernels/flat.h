/*
 * What lets one source be a CUDA kernel (nvcc) and a CPU body for softgpu (gcc, as C).
 *
 * Work is cut into chunks of KERNEL_CHUNK elements. On the GPU blocks stride over the chunks and
 * threads over a chunk's elements; on the CPU OpenMP threads share the chunks. Elements are
 * independent of one another, so results do not depend on the number of threads.
 */
#ifndef WORKLOAD_FLAT_H
#define WORKLOAD_FLAT_H

#include "kernels.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define FLAT_CHUNKS_OF(elements) (((elements) + KERNEL_CHUNK - 1) / KERNEL_CHUNK)

#ifdef __CUDACC__

#define FLAT_KERNEL(name)                                                                          \
    extern "C" __global__ void name(const __grid_constant__ struct name##_args a)
#define FLAT_FUNCTION static __device__ __forceinline__
#define FLAT_CHUNKS(chunk, chunks)                                                                 \
    for (uint32_t chunk = blockIdx.x; chunk < (chunks); chunk += gridDim.x)
#define FLAT_ELEMENTS(i, begin, end)                                                               \
    for (uint32_t i = (begin) + threadIdx.x; i < (end); i += blockDim.x)

/* Whether four floats may be read at once there. */
FLAT_FUNCTION bool flat_aligned(const float *p) { return (uintptr_t)p % sizeof(float4) == 0; }

/* 256 threads a block; at most 2048 blocks, some waves on the largest GPU there is. */
/* clang-format takes <<< for operators. */
/* clang-format off */
#define FLAT_LAUNCH(name, chunks)                                                                  \
    extern "C" cudaError_t launch_##name(const struct name##_args *args, cudaStream_t stream)      \
    {                                                                                              \
        const struct name##_args a = *args;                                                        \
        const uint32_t wanted = (chunks);                                                          \
        if (wanted == 0)                                                                           \
            return cudaSuccess;                                                                    \
        name<<<wanted < 2048 ? wanted : 2048, 256, 0, stream>>>(a);                                \
        return cudaGetLastError();                                                                 \
    }
/* clang-format on */

#else

#define FLAT_KERNEL(name) void name(const struct name##_args a)
#define FLAT_FUNCTION     static inline
#define FLAT_PRAGMA(text) _Pragma(#text)
#define FLAT_CHUNKS(chunk, chunks)                                                                 \
    FLAT_PRAGMA(omp parallel for schedule(static))                                                 \
    for (uint32_t chunk = 0; chunk < (chunks); chunk++)
#define FLAT_ELEMENTS(i, begin, end) for (uint32_t i = (begin); i < (end); i++)
#define FLAT_LAUNCH(name, chunks)

#define WORKLOAD_KERNEL(name) void name(const struct name##_args a);
#include "kernels.def"
#undef WORKLOAD_KERNEL

#endif

FLAT_FUNCTION uint32_t flat_min(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* The tensor that a chunk belongs to: the last t with first_chunk[t] <= chunk. */
FLAT_FUNCTION uint32_t flat_tensor_of(const uint32_t *first_chunk, uint32_t tensors, uint32_t chunk)
{
    uint32_t low = 0, high = tensors;
    while (high - low > 1) {
        const uint32_t middle = (low + high) / 2;
        if (first_chunk[middle] <= chunk)
            low = middle;
        else
            high = middle;
    }
    return low;
}

#endif
