/* Matrix by vector, and sums of matrices; column-major. Plain loops: both are bound by memory. */
#include "handle.h"
#include "work.h"

#include <stdbool.h>

/* y = alpha * op(A) x + beta * y, A of m x n. Sums in double precision. */
cublasStatus_t cublasSgemv_v2(cublasHandle_t handle, cublasOperation_t trans, int m, int n,
                              const float *alpha, const float *A, int lda, const float *x, int incx,
                              const float *beta, float *y, int incy)
{
    SOFTGPU_WORK();
    const bool plain = trans == CUBLAS_OP_N;
    const int64_t outputs = plain ? m : n;
    const int64_t inputs = plain ? n : m;
    const int64_t output_step = plain ? 1 : lda;
    const int64_t input_step = plain ? lda : 1;

    if (handle == NULL)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (m < 0 || n < 0 || lda < 1 || lda < m || incx == 0 || incy == 0 || alpha == NULL ||
        beta == NULL || trans > CUBLAS_OP_C)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (incx < 0) /* a negative step begins at the vector's end */
        x += (1 - inputs) * incx;
    if (incy < 0)
        y += (1 - outputs) * incy;
#pragma omp parallel for schedule(static) if (outputs * inputs > 65536)
    for (int64_t i = 0; i < outputs; i++) {
        double sum = 0.0;

        for (int64_t j = 0; j < inputs; j++)
            sum += (double)A[i * output_step + j * input_step] * x[j * incx];
        y[i * incy] = (float)(*alpha * sum + (*beta != 0.0f ? (double)*beta * y[i * incy] : 0.0));
    }
    return CUBLAS_STATUS_SUCCESS;
}

/* C = alpha * op(A) + beta * op(B), C of m x n. C may be A or B where that is not transposed. */
cublasStatus_t cublasSgeam(cublasHandle_t handle, cublasOperation_t transa,
                           cublasOperation_t transb, int m, int n, const float *alpha,
                           const float *A, int lda, const float *beta, const float *B, int ldb,
                           float *C, int ldc)
{
    SOFTGPU_WORK();
    if (handle == NULL)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (m < 0 || n < 0 || alpha == NULL || beta == NULL || ldc < 1 || ldc < m ||
        lda < (transa == CUBLAS_OP_N ? m : n) || ldb < (transb == CUBLAS_OP_N ? m : n) ||
        (C == A && transa != CUBLAS_OP_N) || (C == B && transb != CUBLAS_OP_N))
        return CUBLAS_STATUS_INVALID_VALUE;
#pragma omp parallel for schedule(static) if ((int64_t)m * n > 65536)
    for (int j = 0; j < n; j++) {
        for (int64_t i = 0; i < m; i++) { /* what has the factor 0 is not read */
            float sum = 0.0f;

            if (*alpha != 0.0f)
                sum += *alpha * A[transa == CUBLAS_OP_N ? i + (int64_t)j * lda : j + i * lda];
            if (*beta != 0.0f)
                sum += *beta * B[transb == CUBLAS_OP_N ? i + (int64_t)j * ldb : j + i * ldb];
            C[i + (int64_t)j * ldc] = sum;
        }
    }
    return CUBLAS_STATUS_SUCCESS;
}
