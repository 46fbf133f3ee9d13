/*
 * A program that gives cuBLAS a workspace of its own, as PyTorch does: 5000 bytes before the steps,
 * and in each step 6000 bytes to a handle that is made and destroyed there. The products of two
 * matrices of 4 x 4 go to 64 bytes.
 */
#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

static int product(cublasHandle_t handle, float *x)
{
    const float one = 1, zero = 0;
    return cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, 4, 4, 4, &one, x, 4, x, 4, &zero, x + 16,
                       4) != CUBLAS_STATUS_SUCCESS;
}

int main(void)
{
    cublasHandle_t stays, passes;
    void *x, *kept, *given;
    char name[32];
    int failed = cudaMalloc(&x, 128) != cudaSuccess || cudaMemset(x, 0, 128) != cudaSuccess;
    failed += cudaMalloc(&kept, 5000) != cudaSuccess;
    failed += cublasCreate(&stays) != CUBLAS_STATUS_SUCCESS;
    failed += cublasSetWorkspace(stays, kept, 5000) != CUBLAS_STATUS_SUCCESS;
    for (int step = 0; step < 4; step++) {
        snprintf(name, sizeof name, "step %d", step);
        nvtxRangePushA(name);
        nvtxRangePushA("forward");
        failed += product(stays, x);
        failed += cudaMalloc(&given, 6000) != cudaSuccess;
        failed += cublasCreate(&passes) != CUBLAS_STATUS_SUCCESS;
        failed += cublasSetWorkspace(passes, given, 6000) != CUBLAS_STATUS_SUCCESS;
        failed += product(passes, x);
        failed += cublasDestroy(passes) != CUBLAS_STATUS_SUCCESS;
        failed += cudaFree(given) != cudaSuccess;
        nvtxRangePop();
        nvtxRangePop();
    }
    failed += cublasDestroy(stays) != CUBLAS_STATUS_SUCCESS;
    printf("%d failures\n", failed);
    return failed;
}
