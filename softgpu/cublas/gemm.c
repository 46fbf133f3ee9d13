/*
 * Matrix products in fp32: C = alpha * op(A) op(B) + beta * C, column-major, m x n with inner size
 * k. oneDNN's product is row-major: it is given the transposed problem.
 */
#include "handle.h"
#include "work.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>

struct matrix {
    const float *base;
    int64_t ld;
    cublasOperation_t op;
};

static bool matrix_fits(const struct matrix *matrix, int64_t rows, int64_t columns)
{
    int64_t stored = matrix->op == CUBLAS_OP_N ? rows : columns;

    return matrix->ld >= 1 && matrix->ld >= stored &&
           (matrix->base != NULL || rows == 0 || columns == 0);
}

static char letter(cublasOperation_t op) { return op == CUBLAS_OP_N ? 'N' : 'T'; }

static cublasStatus_t gemm(const char *function, cublasHandle_t handle, int64_t m, int64_t n,
                           int64_t k, const float *alpha, const struct matrix *a,
                           const struct matrix *b, const float *beta, float *c, int64_t ldc)
{
    if (handle == NULL)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (m < 0 || n < 0 || k < 0 || alpha == NULL || beta == NULL || a->op > CUBLAS_OP_C ||
        b->op > CUBLAS_OP_C || !matrix_fits(a, m, k) || !matrix_fits(b, k, n) || ldc < 1 || ldc < m)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (m == 0 || n == 0)
        return CUBLAS_STATUS_SUCCESS;
    if (c == NULL)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (k == 0 || *alpha == 0.0f) { /* A and B are not read; nor is C where beta is 0 */
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < m; i++)
                c[i + j * ldc] = *beta == 0.0f ? 0.0f : *beta * c[i + j * ldc];
        return CUBLAS_STATUS_SUCCESS;
    }
    if (dnnl_sgemm(letter(b->op), letter(a->op), n, m, k, *alpha, b->base, b->ld, a->base, a->ld,
                   *beta, c, ldc) != dnnl_success)
        return refuse(CUBLAS_STATUS_NOT_SUPPORTED, function, "oneDNN refuses this product");
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t transa,
                              cublasOperation_t transb, int m, int n, int k, const float *alpha,
                              const float *A, int lda, const float *B, int ldb, const float *beta,
                              float *C, int ldc)
{
    SOFTGPU_WORK();
    return gemm(__func__, handle, m, n, k, alpha, &(struct matrix){A, lda, transa},
                &(struct matrix){B, ldb, transb}, beta, C, ldc);
}

cublasStatus_t cublasSgemm_v2_64(cublasHandle_t handle, cublasOperation_t transa,
                                 cublasOperation_t transb, int64_t m, int64_t n, int64_t k,
                                 const float *alpha, const float *A, int64_t lda, const float *B,
                                 int64_t ldb, const float *beta, float *C, int64_t ldc)
{
    SOFTGPU_WORK();
    return gemm(__func__, handle, m, n, k, alpha, &(struct matrix){A, lda, transa},
                &(struct matrix){B, ldb, transb}, beta, C, ldc);
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t transa,
                                         cublasOperation_t transb, int m, int n, int k,
                                         const float *alpha, const float *A, int lda,
                                         long long int strideA, const float *B, int ldb,
                                         long long int strideB, const float *beta, float *C,
                                         int ldc, long long int strideC, int batchCount)
{
    SOFTGPU_WORK();
    cublasStatus_t status = CUBLAS_STATUS_SUCCESS;

    if (batchCount < 0)
        return CUBLAS_STATUS_INVALID_VALUE;
    for (int i = 0; i < batchCount && status == CUBLAS_STATUS_SUCCESS; i++)
        status =
            gemm(__func__, handle, m, n, k, alpha, &(struct matrix){A + i * strideA, lda, transa},
                 &(struct matrix){B + i * strideB, ldb, transb}, beta, C + i * strideC, ldc);
    return status;
}

/* fp32 data and alpha; the compute types that allow TF32 or less are computed in fp32 as well. */
cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa,
                            cublasOperation_t transb, int m, int n, int k, const void *alpha,
                            const void *A, cudaDataType Atype, int lda, const void *B,
                            cudaDataType Btype, int ldb, const void *beta, void *C,
                            cudaDataType Ctype, int ldc, cublasComputeType_t computeType,
                            cublasGemmAlgo_t algo)
{
    SOFTGPU_WORK();
    (void)algo;
    if (Atype != CUDA_R_32F || Btype != CUDA_R_32F || Ctype != CUDA_R_32F)
        return REFUSE(CUBLAS_STATUS_NOT_SUPPORTED, "only CUDA_R_32F");
    switch (computeType) {
    case CUBLAS_COMPUTE_32F:
    case CUBLAS_COMPUTE_32F_PEDANTIC:
    case CUBLAS_COMPUTE_32F_FAST_16F:
    case CUBLAS_COMPUTE_32F_FAST_16BF:
    case CUBLAS_COMPUTE_32F_FAST_TF32:
        break;
    default:
        return REFUSE(CUBLAS_STATUS_NOT_SUPPORTED, "only CUBLAS_COMPUTE_32F and its kin");
    }
    return gemm(__func__, handle, m, n, k, alpha, &(struct matrix){A, lda, transa},
                &(struct matrix){B, ldb, transb}, beta, C, ldc);
}
