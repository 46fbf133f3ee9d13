/* What the convolution's calls and queries share: the plan for a set of descriptors. */
#ifndef SOFTGPU_CUDNN_CONVOLUTION_H
#define SOFTGPU_CUDNN_CONVOLUTION_H

#include "plan.h"

/*
 * Finds or makes the plan of a convolution between x (N,C,H,W), w (K,C,R,S) and y (N,K,P,Q); for
 * the backward kinds these are the shapes of dx, dw and dy. Operands of plan_run, the output last:
 * FORWARD x, w, y; BACKWARD_DATA w, dy, dx; BACKWARD_FILTER x, dy, dw.
 */
cudnnStatus_t convolution_plan(const char *function, cudnnHandle_t handle, enum plan_kind kind,
                               const struct cudnnTensorStruct *x, const struct cudnnFilterStruct *w,
                               const struct cudnnConvolutionStruct *convolution,
                               const struct cudnnTensorStruct *y, struct plan **plan);

/*
 * Runs such a plan on two inputs: out = alpha * plan(first, second) + beta * out. alpha and beta
 * point at floats of the host.
 */
cudnnStatus_t convolution_run(const char *function, cudnnHandle_t handle, struct plan *plan,
                              const void *first, const void *second, const void *alpha,
                              const void *beta, const struct cudnnTensorStruct *out_desc, void *out,
                              void *workspace, size_t workspace_bytes);

/* dim[i] of the output of a convolution's forward pass, 4 dimensions. */
void convolution_output_dims(const struct cudnnTensorStruct *x, const struct cudnnFilterStruct *w,
                             const struct cudnnConvolutionStruct *convolution, int dim[4]);

#endif
