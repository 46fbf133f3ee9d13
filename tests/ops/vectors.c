/* gemv and the vector calls of cuBLAS, with steps of 1 and of more. */
#include "ops.h"

#include <math.h>
#include <stdlib.h>

static void check_gemv(cublasOperation_t op, float beta)
{
    const int m = 67;
    const int n = 41;
    const int lda = m + 2;
    const int inputs = op == CUBLAS_OP_N ? n : m;
    const int outputs = op == CUBLAS_OP_N ? m : n;
    const size_t incx = 2;
    const float alpha = 0.5f;
    struct array a = array_random((size_t)lda * (size_t)n, -1.0f, 1.0f);
    struct array x = array_random((size_t)inputs * incx, -1.0f, 1.0f);
    struct array y =
        beta == 0.0f ? array_poisoned((size_t)outputs) : array_random((size_t)outputs, -1.0f, 1.0f);
    double *reference = reference_new(y.count);

    for (int i = 0; i < outputs; i++) {
        reference[i] = beta == 0.0f ? 0.0 : (double)beta * y.host[i];
        for (int j = 0; j < inputs; j++)
            reference[i] += (double)alpha * x.host[(size_t)j * incx] *
                            a.host[op == CUBLAS_OP_N ? i + j * lda : j + i * lda];
    }
    TRY_CUBLAS(cublasSgemv(cublas, op, m, n, &alpha, a.device, lda, x.device, (int)incx, &beta,
                           y.device, 1));
    check_close(&y, reference, BOUND_SUM, "sgemv %c, beta %g", op == CUBLAS_OP_N ? 'N' : 'T', beta);
    array_free(&a);
    array_free(&x);
    array_free(&y);
    free(reference);
}

/* Results of dot, nrm2 and asum lie on the host (pointer mode host). */
static void check_sums(int n, int step)
{
    struct array x = array_random((size_t)n * (size_t)step, -1.0f, 1.0f);
    struct array y = array_random((size_t)n, 0.0f, 1.0f);
    double dot = 0.0;
    double squares = 0.0;
    double absolutes = 0.0;
    float result[3] = {NAN, NAN, NAN};

    for (int i = 0; i < n; i++) {
        const double value = x.host[(ptrdiff_t)i * step];

        dot += value * y.host[i];
        squares += value * value;
        absolutes += fabs(value);
    }
    TRY_CUBLAS(cublasSdot(cublas, n, x.device, step, y.device, 1, &result[0]));
    TRY_CUBLAS(cublasSnrm2(cublas, n, x.device, step, &result[1]));
    TRY_CUBLAS(cublasSasum(cublas, n, x.device, step, &result[2]));
    /* The dot product may be near 0: its error is measured against the sum of |x y|. */
    check_true(fabs(result[0] - dot) <= BOUND_SUM * absolutes, "sdot of %d, step %d", n, step);
    check_true(fabs(result[1] - sqrt(squares)) <= BOUND_SUM * sqrt(squares), "snrm2 of %d, step %d",
               n, step);
    check_true(fabs(result[2] - absolutes) <= BOUND_SUM * absolutes, "sasum of %d, step %d", n,
               step);
    array_free(&x);
    array_free(&y);
}

static void check_updates(int n, int step)
{
    const float alpha = -0.75f;
    struct array x = array_random((size_t)n, -1.0f, 1.0f);
    struct array y = array_random((size_t)n * (size_t)step, -1.0f, 1.0f);
    double *reference = reference_new(y.count);

    for (size_t i = 0; i < y.count; i++)
        reference[i] =
            y.host[i] + (i % (size_t)step == 0 ? (double)alpha * x.host[i / (size_t)step] : 0.0);
    TRY_CUBLAS(cublasSaxpy(cublas, n, &alpha, x.device, 1, y.device, step));
    check_close(&y, reference, BOUND_ELEMENT, "saxpy of %d, step %d", n, step);
    for (size_t i = 0; i < y.count; i += (size_t)step)
        reference[i] *= alpha;
    TRY_CUBLAS(cublasSscal(cublas, n, &alpha, y.device, step));
    check_close(&y, reference, BOUND_ELEMENT, "sscal of %d, step %d", n, step);
    for (int i = 0; i < n; i++)
        reference[(ptrdiff_t)i * step] = x.host[i];
    TRY_CUBLAS(cublasScopy(cublas, n, x.device, 1, y.device, step));
    check_close(&y, reference, BOUND_ELEMENT, "scopy of %d, step %d", n, step);
    array_free(&x);
    array_free(&y);
    free(reference);
}

void test_vectors(void)
{
    for (int beta = 0; beta < 2; beta++) {
        check_gemv(CUBLAS_OP_N, (float)beta);
        check_gemv(CUBLAS_OP_T, (float)beta);
    }
    for (int step = 1; step <= 3; step += 2) {
        check_sums(1000, step);
        check_sums(200001, step);
        check_updates(1000, step);
        check_updates(200001, step);
    }
}
