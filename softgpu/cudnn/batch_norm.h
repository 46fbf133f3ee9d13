/* Batch normalization proper, without what the Ex calls fuse to it. */
#ifndef SOFTGPU_CUDNN_BATCH_NORM_H
#define SOFTGPU_CUDNN_BATCH_NORM_H

#include "handle.h"

#include <stdbool.h>

/* Whether softgpu has this mode for these tensors; says so in `function`'s name if not. */
cudnnStatus_t batch_norm_check(const char *function, cudnnHandle_t handle,
                               cudnnBatchNormMode_t mode, const struct cudnnTensorStruct *x,
                               const struct cudnnTensorStruct *y,
                               const struct cudnnTensorStruct *channels);

#endif
