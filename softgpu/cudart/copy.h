/* Copies and fills, to be done now or kept as nodes of a graph. */
#ifndef SOFTGPU_CUDART_COPY_H
#define SOFTGPU_CUDART_COPY_H

#include <stdint.h>
#include <cuda_runtime_api.h>

#include "work.h"

/* `height` rows of `width` bytes that lie a pitch apart. */
struct sg_copy {
    void *to;
    size_t to_pitch;
    const void *from;
    size_t from_pitch;
    size_t width, height;
    enum cudaMemcpyKind kind;
};

struct sg_fill {
    void *to;
    size_t pitch;
    int value;
    size_t width, height;
};

/* What is wrong with it whatever lives on the device: a graph's memory does not when it is
 * captured. */
cudaError_t sg_copy_check(const struct sg_copy *copy);
cudaError_t sg_fill_check(const struct sg_fill *fill);

/* Does it. `part` says which node of which launch it is; all 0: of none. */
cudaError_t sg_copy_do(const struct sg_copy *copy, struct softgpu_part part);
cudaError_t sg_fill_do(const struct sg_fill *fill, struct softgpu_part part);

/* As work.h knows it. */
enum softgpu_work_kind sg_copy_work_kind(enum cudaMemcpyKind kind);

#endif
