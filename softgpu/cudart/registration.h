/*
 * What nvcc's host code calls, in the words of crt/host_runtime.h and crt/device_functions.h, which
 * only C++ can include; tests/softgpu compiles a kernel with nvcc against this library.
 */
#ifndef SOFTGPU_CUDART_REGISTRATION_H
#define SOFTGPU_CUDART_REGISTRATION_H

#include <cuda_runtime_api.h>

void **__cudaRegisterFatBinary(void *fatbin);
void __cudaRegisterFatBinaryEnd(void **fatbin);
void __cudaUnregisterFatBinary(void **fatbin);
char __cudaInitModule(void **fatbin);
void __cudaRegisterFunction(void **fatbin, const char *host_function, char *device_function,
                            const char *name, int thread_limit, uint3 *tid, uint3 *bid, dim3 *block,
                            dim3 *grid, int *warp);
void __cudaRegisterVar(void **fatbin, char *host, char *device, const char *name, int ext,
                       size_t bytes, int constant, int global);
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared_bytes,
                                     struct CUstream_st *stream);
cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared_bytes, void *stream);
cudaError_t __cudaGetKernel(cudaKernel_t *kernel, const void *host_function);
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void **args,
                               size_t shared_bytes, cudaStream_t stream);

#endif
