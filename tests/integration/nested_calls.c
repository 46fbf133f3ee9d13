/* One call of a library that makes three below it, and one of each by the program itself. */
#include <cuda_runtime_api.h>
#include <cudnn.h>

int main(void)
{
    void *x = NULL, *y = NULL;
    const float one = 1, zero = 0;
    if (cudaMalloc(&x, 64) != cudaSuccess || cudaMalloc(&y, 64) != cudaSuccess ||
        cudaMemset(x, 0, 64) != cudaSuccess)
        return 1;
    return cudnnSoftmaxForward(NULL, CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_CHANNEL, &one, NULL,
                               x, &zero, NULL, y) != CUDNN_STATUS_SUCCESS ||
           cudnnAddTensor(NULL, &one, NULL, x, &one, NULL, y) != CUDNN_STATUS_SUCCESS ||
           cudaFree(x) != cudaSuccess || cudaFree(y) != cudaSuccess;
}
