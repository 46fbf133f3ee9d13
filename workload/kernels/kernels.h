/*
 * Kernels for what cuDNN and cuBLAS lack (the cross entropy's gradient, the optimisers' updates)
 * and for what takes cuDNN longer than the memory does: the residual addition with its ReLU, which
 * are two calls there, and the poolings' backward passes.
 *
 * A kernel takes one struct by value, so that a launch has one parameter and every pointer it
 * touches stands in it, 8-byte aligned. launch_<kernel>() puts it on a stream and returns the
 * launch's status; it never synchronises. All arrays are in device memory, fp32, contiguous.
 */
#ifndef WORKLOAD_KERNELS_H
#define WORKLOAD_KERNELS_H

#include <cuda_runtime_api.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A chunk of elements is what one thread block works on at a time. */
#define KERNEL_CHUNK 1024u

/* losses[i] = -log_prob[i][label[i]] for `rows` rows of `classes`: cross entropy, not reduced. */
struct cross_entropy_forward_args {
    const float *log_prob;
    const int32_t *label;
    float *losses;
    uint32_t rows;
    uint32_t classes;
};

/* The mean loss's gradient: d_logits[i][k] = (exp(log_prob[i][k]) - (k == label[i])) / rows. */
struct cross_entropy_backward_args {
    const float *log_prob;
    const int32_t *label;
    float *d_logits;
    uint32_t rows;
    uint32_t classes;
};

/*
 * Elements are counted in 32 bits: cuDNN's descriptors end at 2^31. A tensor's images hold rows of
 * pixels; `inner` is how far neighbours in a row lie apart: 1 in NCHW, where each channel is an
 * image of its own, and the number of channels in NHWC.
 */

/* The residual addition and its ReLU: sum = max(sum + other, 0), in place. */
struct add_relu_args {
    float *sum;
    const float *other;
    uint32_t count;
};

/* The one maximum pooling that there is a kernel for: 3x3 windows at every other pixel. */
#define MAX_POOL_WINDOW 3u
#define MAX_POOL_STRIDE 2u
#define MAX_POOL_PAD    1u

/*
 * dx = the sum of dy over the windows whose maximum the element is; of equal ones in a window the
 * first counts, row by row, as in PyTorch. y is what the forward pass made of x: which element was
 * the maximum is told by comparing. Windows are added in their order: it is the same in each run.
 */
struct max_pool_backward_args {
    const float *x;
    const float *y;
    const float *dy;
    float *dx;
    uint32_t count; /* of x */
    uint32_t inner;
    uint32_t height, width;
    uint32_t out_height, out_width;
};

/* The average over a whole image, backwards: dx = dy / area, the same for each of its pixels. */
struct average_pool_backward_args {
    const float *dy;
    float *dx;
    uint32_t count; /* of dx */
    uint32_t inner;
    uint32_t area;
};

/*
 * The optimisers update many tensors in one launch. first_chunk[t] is the sum of the chunks of the
 * tensors before t; first_chunk[tensors] is the number of all chunks. The sizes keep the struct
 * below 4096 bytes, which is what every device takes as parameters.
 */
#define SGD_TENSORS_MAX  120
#define ADAM_TENSORS_MAX 96

/*
 * torch.optim.SGD (dampening 0, no Nesterov):
 *   g = gradient + weight_decay * parameter;  momentum = first ? g : mu * momentum + g
 *   parameter -= lr * (mu == 0 ? g : momentum)
 * `momentum` is not read when first is set, and not touched when mu is 0 (it may be NULL then).
 */
struct sgd_update_args {
    float *parameter[SGD_TENSORS_MAX];
    const float *gradient[SGD_TENSORS_MAX];
    float *momentum[SGD_TENSORS_MAX];
    uint32_t count[SGD_TENSORS_MAX];
    uint32_t first_chunk[SGD_TENSORS_MAX + 1];
    uint32_t tensors;
    uint32_t first;
    float lr;
    float mu;
    float weight_decay;
};

/*
 * torch.optim.Adam:
 *   g = gradient + weight_decay * parameter
 *   m = m + (g - m) * (1 - beta1);  v = beta2 * v + (1 - beta2) * g * g
 *   parameter -= step_size * m / (sqrt(v) / correction + eps)
 * with step_size = lr / (1 - beta1^t) and correction = sqrt(1 - beta2^t), computed by the caller in
 * double. m and v are exp_avg and exp_avg_sq; they are taken as 0 and not read when first is set.
 */
struct adam_update_args {
    float *parameter[ADAM_TENSORS_MAX];
    const float *gradient[ADAM_TENSORS_MAX];
    float *exp_avg[ADAM_TENSORS_MAX];
    float *exp_avg_sq[ADAM_TENSORS_MAX];
    uint32_t count[ADAM_TENSORS_MAX];
    uint32_t first_chunk[ADAM_TENSORS_MAX + 1];
    uint32_t tensors;
    uint32_t first;
    float step_size;
    float correction;
    float one_minus_beta1;
    float beta2;
    float one_minus_beta2;
    float eps;
    float weight_decay;
};

#define WORKLOAD_KERNEL(name)                                                                      \
    cudaError_t launch_##name(const struct name##_args *args, cudaStream_t stream);
#include "kernels.def"
#undef WORKLOAD_KERNEL

#ifdef __cplusplus
}
#endif

#endif
