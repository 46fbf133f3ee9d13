/* Plain loops over tensors of any layout: op of two operands, with broadcasting and blending. */
#ifndef SOFTGPU_CUDNN_ELEMENTWISE_H
#define SOFTGPU_CUDNN_ELEMENTWISE_H

#include "descriptors.h"
#include "handle.h"

/*
 * C = op(alpha1 * A, alpha2 * B) + beta * C over C's elements; with b_desc NULL,
 * C = alpha1 * A + beta * C. C is not read where beta is 0. A dimension of A or B that is 1 is
 * repeated along C's. A or B may be C. CUDNN_STATUS_BAD_PARAM if the dimensions do not fit,
 * CUDNN_STATUS_NOT_SUPPORTED for an op other than ADD, MUL, MIN, MAX; both without a message.
 */
cudnnStatus_t tensor_op(cudnnOpTensorOp_t op, float alpha1, const struct cudnnTensorStruct *a_desc,
                        const float *a, float alpha2, const struct cudnnTensorStruct *b_desc,
                        const float *b, float beta, const struct cudnnTensorStruct *c_desc,
                        float *c);

/*
 * Most functions of cuDNN end in out = alpha * result + beta * out. With alpha 1 and beta 0 the
 * result can be made in place; otherwise it is made in scratch memory and blended in.
 */
struct blend {
    float alpha;
    float beta;
    const struct cudnnTensorStruct *desc;
    float *out;
    float *result; /* where the result is to be made, in desc's layout */
};

/* NULL `result` if there is no memory. alpha and beta point at floats of the host. */
struct blend blend_begin(cudnnHandle_t handle, const void *alpha, const void *beta,
                         const struct cudnnTensorStruct *desc, void *out);
void blend_end(const struct blend *blend);

#endif
