/* SGD with momentum and weight decay, many tensors a launch. See kernels.h. */
#include "flat.h"

FLAT_KERNEL(sgd_update)
{
    FLAT_CHUNKS(chunk, a.first_chunk[a.tensors])
    {
        const uint32_t t = flat_tensor_of(a.first_chunk, a.tensors, chunk);
        const uint32_t begin = (chunk - a.first_chunk[t]) * KERNEL_CHUNK;
        float *__restrict__ parameter = a.parameter[t];
        const float *__restrict__ gradient = a.gradient[t];
        float *__restrict__ momentum = a.momentum[t];
        FLAT_ELEMENTS(i, begin, flat_min(begin + KERNEL_CHUNK, a.count[t]))
        {
            float g = gradient[i] + a.weight_decay * parameter[i];
            if (a.mu != 0.0f) {
                g = a.first ? g : a.mu * momentum[i] + g;
                momentum[i] = g;
            }
            parameter[i] -= a.lr * g;
        }
    }
}
FLAT_LAUNCH(sgd_update, a.first_chunk[a.tensors])

#ifndef __CUDACC__
_Static_assert(sizeof(struct sgd_update_args) <= 4096, "more than a kernel's parameters may hold");
#endif
