/*
 * A stand-in for a library of the vendor's that calls public functions in turn, of its own and of
 * the runtime's, through the PLT: what cuDNN's libraries do. Built as libcudnn.so.9.
 */
#include <cuda_runtime_api.h>
#include <cudnn.h>

size_t cudnnGetVersion(void) { return CUDNN_VERSION; }

cudnnStatus_t cudnnAddTensor(cudnnHandle_t handle, const void *alpha,
                             const cudnnTensorDescriptor_t aDesc, const void *A, const void *beta,
                             const cudnnTensorDescriptor_t cDesc, void *C)
{
    (void)handle, (void)alpha, (void)aDesc, (void)A, (void)beta, (void)cDesc, (void)C;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSoftmaxForward(cudnnHandle_t handle, cudnnSoftmaxAlgorithm_t algo,
                                  cudnnSoftmaxMode_t mode, const void *alpha,
                                  const cudnnTensorDescriptor_t xDesc, const void *x,
                                  const void *beta, const cudnnTensorDescriptor_t yDesc, void *y)
{
    (void)algo, (void)mode;
    cudaError_t error = cudaMemset(y, 0, 64);
    cudnnStatus_t status = cudnnAddTensor(handle, alpha, xDesc, x, beta, yDesc, y);
    return error == cudaSuccess ? status : CUDNN_STATUS_EXECUTION_FAILED;
}
