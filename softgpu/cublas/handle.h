/* The library handle. There is no device and no queue: calls are done when they return. */
#ifndef SOFTGPU_CUBLAS_HANDLE_H
#define SOFTGPU_CUBLAS_HANDLE_H

#include <cublas_v2.h>

struct cublasContext {
    void *memory;        /* the device's, as the vendor's handle has */
    cudaStream_t stream; /* kept to be given back */
    cublasMath_t math;   /* kept to be given back: arithmetic is fp32 whatever it says */
    cublasPointerMode_t pointer_mode; /* both work: device memory is host memory here */
};

/*
 * Keeps nothing and returns `status`; what softgpu lacks (CUBLAS_STATUS_NOT_SUPPORTED) is said on
 * stderr by name.
 */
cublasStatus_t refuse(cublasStatus_t status, const char *function, const char *text);

#define REFUSE(status, text) refuse(status, __func__, text)

#endif
