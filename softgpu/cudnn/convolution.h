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

/* dim[i] of the output of a convolution's forward pass, 4 dimensions. */
void convolution_output_dims(const struct cudnnTensorStruct *x, const struct cudnnFilterStruct *w,
                             const struct cudnnConvolutionStruct *convolution, int dim[4]);

#endif
