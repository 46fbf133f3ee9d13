/* Reductions of a tensor along any of its dimensions. */
#ifndef SOFTGPU_CUDNN_REDUCE_H
#define SOFTGPU_CUDNN_REDUCE_H

#include "descriptors.h"

/*
 * C = alpha * reduce(A) + beta * C. A dimension of C is A's, or 1 where A is reduced along it.
 * Sums are taken in double precision, in one order whatever the number of threads.
 */
cudnnStatus_t tensor_reduce(const char *function, cudnnReduceTensorOp_t op, float alpha,
                            const struct cudnnTensorStruct *a_desc, const float *a, float beta,
                            const struct cudnnTensorStruct *c_desc, float *c);

#endif
