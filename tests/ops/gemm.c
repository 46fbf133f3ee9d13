/* Matrix products in all transpositions, and the calls that are variations of them. */
#include "ops.h"

#include <stdlib.h>

enum call {
    SGEMM,
    SGEMM_64,
    STRIDED_BATCHED,
    GEMM_EX
};

static const char *const call_name[] = {"sgemm", "sgemm_64", "sgemm strided batched", "gemmEx"};

/* Element (row, column) of op(A), A column-major. */
static size_t element(cublasOperation_t op, int row, int column, int ld)
{
    return op == CUBLAS_OP_N ? (size_t)(row + column * ld) : (size_t)(column + row * ld);
}

static char letter(cublasOperation_t op) { return op == CUBLAS_OP_N ? 'N' : 'T'; }

static void check_gemm(enum call call, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                       int k, float alpha, float beta)
{
    const int batch = call == STRIDED_BATCHED ? 3 : 1;
    const int lda = (op_a == CUBLAS_OP_N ? m : k) + 3;
    const int ldb = (op_b == CUBLAS_OP_N ? k : n) + 1;
    const int ldc = m + 2;
    const size_t size_a = (size_t)lda * (size_t)(op_a == CUBLAS_OP_N ? k : m);
    const size_t size_b = (size_t)ldb * (size_t)(op_b == CUBLAS_OP_N ? n : k);
    const size_t size_c = (size_t)ldc * (size_t)n;
    struct array a = array_random(size_a * (size_t)batch, -1.0f, 1.0f);
    struct array b = array_random(size_b * (size_t)batch, -1.0f, 1.0f);
    struct array c = array_random(size_c * (size_t)batch, -1.0f, 1.0f);
    double *reference = reference_new(c.count);

    for (size_t i = 0; i < c.count; i++) {
        reference[i] = c.host[i]; /* between the columns nothing changes */
        if (beta == 0.0f && i % (size_t)ldc < (size_t)m)
            c.host[i] = (float)__builtin_nan("");
    }
    array_upload(&c);
    for (int i = 0; i < batch; i++)
        for (int column = 0; column < n; column++)
            for (int row = 0; row < m; row++) {
                double *at = &reference[(size_t)i * size_c + (size_t)(row + column * ldc)];
                double sum = 0.0;

                for (int inner = 0; inner < k; inner++)
                    sum += (double)a.host[(size_t)i * size_a + element(op_a, row, inner, lda)] *
                           b.host[(size_t)i * size_b + element(op_b, inner, column, ldb)];
                *at = alpha * sum + beta * *at;
            }
    if (call == SGEMM)
        TRY_CUBLAS(cublasSgemm(cublas, op_a, op_b, m, n, k, &alpha, a.device, lda, b.device, ldb,
                               &beta, c.device, ldc));
    else if (call == SGEMM_64)
        TRY_CUBLAS(cublasSgemm_64(cublas, op_a, op_b, m, n, k, &alpha, a.device, lda, b.device, ldb,
                                  &beta, c.device, ldc));
    else if (call == STRIDED_BATCHED)
        TRY_CUBLAS(cublasSgemmStridedBatched(cublas, op_a, op_b, m, n, k, &alpha, a.device, lda,
                                             (long long)size_a, b.device, ldb, (long long)size_b,
                                             &beta, c.device, ldc, (long long)size_c, batch));
    else
        TRY_CUBLAS(cublasGemmEx(cublas, op_a, op_b, m, n, k, &alpha, a.device, CUDA_R_32F, lda,
                                b.device, CUDA_R_32F, ldb, &beta, c.device, CUDA_R_32F, ldc,
                                CUBLAS_COMPUTE_32F_PEDANTIC, CUBLAS_GEMM_DEFAULT));
    check_close(&c, reference, BOUND_SUM, "%s %c%c %dx%dx%d, alpha %g beta %g", call_name[call],
                letter(op_a), letter(op_b), m, n, k, alpha, beta);
    array_free(&a);
    array_free(&b);
    array_free(&c);
    free(reference);
}

static void check_geam(cublasOperation_t op_a, cublasOperation_t op_b)
{
    const int m = 37;
    const int n = 23;
    const int lda = (op_a == CUBLAS_OP_N ? m : n) + 3;
    const int ldb = (op_b == CUBLAS_OP_N ? m : n) + 1;
    const float alpha = 0.5f;
    const float beta = -1.5f;
    struct array a = array_random((size_t)lda * (size_t)(op_a == CUBLAS_OP_N ? n : m), -1.0f, 1.0f);
    struct array b = array_random((size_t)ldb * (size_t)(op_b == CUBLAS_OP_N ? n : m), -1.0f, 1.0f);
    struct array c = array_poisoned((size_t)m * (size_t)n);
    double *reference = reference_new(c.count);

    for (int column = 0; column < n; column++)
        for (int row = 0; row < m; row++)
            reference[row + column * m] = (double)alpha * a.host[element(op_a, row, column, lda)] +
                                          (double)beta * b.host[element(op_b, row, column, ldb)];
    TRY_CUBLAS(cublasSgeam(cublas, op_a, op_b, m, n, &alpha, a.device, lda, &beta, b.device, ldb,
                           c.device, m));
    check_close(&c, reference, BOUND_ELEMENT, "sgeam %c%c %dx%d", letter(op_a), letter(op_b), m, n);
    array_free(&a);
    array_free(&b);
    array_free(&c);
    free(reference);
}

void test_gemm(void)
{
    static const cublasOperation_t ops[] = {CUBLAS_OP_N, CUBLAS_OP_T};

    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            for (int beta = 0; beta < 2; beta++)
                check_gemm(SGEMM, ops[i], ops[j], 100, 64, 257, 1.0f, (float)beta);
            check_gemm(SGEMM, ops[i], ops[j], 1, 7, 33, 0.5f, -0.75f);
            check_gemm(SGEMM, ops[i], ops[j], 50, 1, 300, 1.0f, 0.0f);
            check_gemm(SGEMM_64, ops[i], ops[j], 45, 38, 29, 0.5f, -0.75f);
            check_gemm(STRIDED_BATCHED, ops[i], ops[j], 20, 30, 40, 1.0f, 0.0f);
            check_gemm(GEMM_EX, ops[i], ops[j], 33, 65, 17, 1.0f, 1.0f);
            check_geam(ops[i], ops[j]);
        }
}
