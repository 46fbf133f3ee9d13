/* The residual addition and the ReLU behind it in one pass. See kernels.h. */
#include "flat.h"

FLAT_FUNCTION float add_relu_of(float sum, float other)
{
    const float added = sum + other;
    return added > 0.0f ? added : 0.0f; /* of NaN 0, as cuDNN's with CUDNN_NOT_PROPAGATE_NAN */
}

FLAT_KERNEL(add_relu)
{
    float *__restrict__ sum = a.sum;
    const float *__restrict__ other = a.other;
    FLAT_CHUNKS(chunk, FLAT_CHUNKS_OF(a.count))
    {
        const uint32_t begin = chunk * KERNEL_CHUNK;
        const uint32_t end = flat_min(begin + KERNEL_CHUNK, a.count);
#ifdef __CUDACC__
        /* Four elements an access where that may be: a chunk begins at a multiple of four. */
        if (flat_aligned(sum) && flat_aligned(other) && end - begin == KERNEL_CHUNK) {
            FLAT_ELEMENTS(quad, begin / 4, end / 4)
            {
                float4 s = ((const float4 *)sum)[quad];
                const float4 o = ((const float4 *)other)[quad];
                s.x = add_relu_of(s.x, o.x);
                s.y = add_relu_of(s.y, o.y);
                s.z = add_relu_of(s.z, o.z);
                s.w = add_relu_of(s.w, o.w);
                ((float4 *)sum)[quad] = s;
            }
            continue;
        }
#endif
        FLAT_ELEMENTS(i, begin, end)
        sum[i] = add_relu_of(sum[i], other[i]);
    }
}
FLAT_LAUNCH(add_relu, FLAT_CHUNKS_OF(a.count))
