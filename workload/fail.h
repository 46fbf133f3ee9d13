/*
 * The ways this program gives up: one line on stderr, then exit. Status 1: something could not be
 * done; status 2: bad arguments or input. Every CUDA, cuDNN and cuBLAS call goes through a CHECK.
 */
#ifndef WORKLOAD_FAIL_H
#define WORKLOAD_FAIL_H

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#define CHECK_CUDA(call)                                                                           \
    do {                                                                                           \
        const cudaError_t check_status = (call);                                                   \
        if (check_status != cudaSuccess)                                                           \
            fail_call(#call, cudaGetErrorString(check_status));                                    \
    } while (0)
#define CHECK_CUDNN(call)                                                                          \
    do {                                                                                           \
        const cudnnStatus_t check_status = (call);                                                 \
        if (check_status != CUDNN_STATUS_SUCCESS)                                                  \
            fail_call(#call, cudnnGetErrorString(check_status));                                   \
    } while (0)
#define CHECK_CUBLAS(call)                                                                         \
    do {                                                                                           \
        const cublasStatus_t check_status = (call);                                                \
        if (check_status != CUBLAS_STATUS_SUCCESS)                                                 \
            fail_call(#call, cublasGetStatusString(check_status));                                 \
    } while (0)

/* `call` is the source text of a call; its function's name and the current range are printed. */
_Noreturn void fail_call(const char *call, const char *reason);

__attribute__((format(printf, 1, 2))) _Noreturn void fail(const char *format, ...);
__attribute__((format(printf, 1, 2))) _Noreturn void fail_input(const char *format, ...);

/* malloc and calloc that never return NULL. */
void *must_alloc(size_t count, size_t bytes);

#endif
