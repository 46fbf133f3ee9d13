/* How a call of this library says no: a status for the program, a line on stderr for people. */
#ifndef SOFTGPU_CUDNN_STATUS_H
#define SOFTGPU_CUDNN_STATUS_H

#include <cudnn.h>

/*
 * Keeps the text for cudnnGetLastErrorString (per thread) and returns `status`. What softgpu lacks
 * (CUDNN_STATUS_NOT_SUPPORTED and its kin) and what should not happen (INTERNAL_ERROR, EXECUTION_
 * FAILED) is also said on stderr by name; a wrong parameter is not, as with the real library.
 */
cudnnStatus_t refuse(cudnnStatus_t status, const char *function, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define REFUSE(status, ...) refuse(status, __func__, __VA_ARGS__)

#endif
