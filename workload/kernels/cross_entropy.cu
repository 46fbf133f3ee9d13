/* Cross entropy over log-probabilities (cudnnSoftmaxForward makes those). See kernels.h. */
#include "flat.h"

FLAT_KERNEL(cross_entropy_forward)
{
    FLAT_CHUNKS(chunk, FLAT_CHUNKS_OF(a.rows))
    {
        const uint32_t begin = chunk * KERNEL_CHUNK;
        FLAT_ELEMENTS(i, begin, flat_min(begin + KERNEL_CHUNK, a.rows))
        a.losses[i] = -a.log_prob[i * a.classes + (uint32_t)a.label[i]];
    }
}
FLAT_LAUNCH(cross_entropy_forward, FLAT_CHUNKS_OF(a.rows))

FLAT_KERNEL(cross_entropy_backward)
{
    const uint32_t count = a.rows * a.classes;
    FLAT_CHUNKS(chunk, FLAT_CHUNKS_OF(count))
    {
        const uint32_t begin = chunk * KERNEL_CHUNK;
        FLAT_ELEMENTS(i, begin, flat_min(begin + KERNEL_CHUNK, count))
        {
            const uint32_t row = i / a.classes;
            const float target = i - row * a.classes == (uint32_t)a.label[row] ? 1.0f : 0.0f;
            a.d_logits[i] = (expf(a.log_prob[i]) - target) / (float)a.rows;
        }
    }
}
FLAT_LAUNCH(cross_entropy_backward, FLAT_CHUNKS_OF(a.rows *a.classes))
