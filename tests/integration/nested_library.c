/*
 * A stand-in for a library of the vendor's that calls public functions in turn, of its own and of
 * the runtime's, through the PLT: what cuDNN's libraries do. Built as libcudnn.so.9.
 */
#include <cuda_runtime_api.h>
#include <cudnn.h>

size_t cudnnGetVersion(void) { return CUDNN_VERSION; }

cudnnStatus_t cudnnAddTensor(cudnnHandle_t handle, const void *alpha,
                             const cudnnTensorDescriptor_t a_desc, const void *a, const void *beta,
                             const cudnnTensorDescriptor_t c_desc, void *c)
{
    (void)handle, (void)alpha, (void)a_desc, (void)a, (void)beta, (void)c_desc, (void)c;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSoftmaxForward(cudnnHandle_t handle, cudnnSoftmaxAlgorithm_t algorithm,
                                  cudnnSoftmaxMode_t mode, const void *alpha,
                                  const cudnnTensorDescriptor_t x_desc, const void *x,
                                  const void *beta, const cudnnTensorDescriptor_t y_desc, void *y)
{
    (void)algorithm, (void)mode;
    cudaError_t error = cudaMemset(y, 0, 64);
    cudnnStatus_t status = cudnnAddTensor(handle, alpha, x_desc, x, beta, y_desc, y);
    return error == cudaSuccess ? status : CUDNN_STATUS_EXECUTION_FAILED;
}
