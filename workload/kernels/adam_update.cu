/* Adam, many tensors a launch. See kernels.h. */
#include "flat.h"

FLAT_KERNEL(adam_update)
{
    FLAT_CHUNKS(chunk, a.first_chunk[a.tensors])
    {
        const uint32_t t = flat_tensor_of(a.first_chunk, a.tensors, chunk);
        const uint32_t begin = (chunk - a.first_chunk[t]) * KERNEL_CHUNK;
        float *__restrict__ parameter = a.parameter[t];
        const float *__restrict__ gradient = a.gradient[t];
        float *__restrict__ exp_avg = a.exp_avg[t];
        float *__restrict__ exp_avg_sq = a.exp_avg_sq[t];
        FLAT_ELEMENTS(i, begin, flat_min(begin + KERNEL_CHUNK, a.count[t]))
        {
            const float g = gradient[i] + a.weight_decay * parameter[i];
            const float m0 = a.first ? 0.0f : exp_avg[i];
            const float v0 = a.first ? 0.0f : exp_avg_sq[i];
            const float m = m0 + (g - m0) * a.one_minus_beta1;
            const float v = a.beta2 * v0 + a.one_minus_beta2 * g * g;
            exp_avg[i] = m;
            exp_avg_sq[i] = v;
            parameter[i] -= a.step_size * m / (sqrtf(v) / a.correction + a.eps);
        }
    }
}
FLAT_LAUNCH(adam_update, a.first_chunk[a.tensors])

#ifndef __CUDACC__
_Static_assert(sizeof(struct adam_update_args) <= 4096, "more than a kernel's parameters may hold");
#endif
