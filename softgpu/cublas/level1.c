/* Vectors. Sums are taken in double precision, in an order that no number of threads changes. */
#include "handle.h"
#include "work.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define CHUNK ((int64_t)1 << 16) /* elements that are summed by one thread */

enum sum {
    SUM_PRODUCTS,
    SUM_SQUARES,
    SUM_ABSOLUTES
};

/* Where element 0 stands: a negative step begins at the vector's end. */
static int64_t first(int64_t n, int64_t step) { return step < 0 ? (1 - n) * step : 0; }

static double chunk_sum(enum sum kind, int64_t n, const float *x, int64_t x_step, const float *y,
                        int64_t y_step)
{
    double sum = 0.0;

    for (int64_t i = 0; i < n; i++) {
        double value = x[i * x_step];

        if (kind == SUM_PRODUCTS)
            sum += value * y[i * y_step];
        else
            sum += kind == SUM_SQUARES ? value * value : fabs(value);
    }
    return sum;
}

static cublasStatus_t sum_of(enum sum kind, cublasHandle_t handle, int64_t n, const float *x,
                             int64_t x_step, const float *y, int64_t y_step, double *result)
{
    const int64_t chunks = n > 0 ? (n + CHUNK - 1) / CHUNK : 0;
    double *partial;

    *result = 0.0;
    if (handle == NULL)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (chunks == 0)
        return CUBLAS_STATUS_SUCCESS;
    partial = calloc((size_t)chunks, sizeof(*partial));
    if (partial == NULL)
        return CUBLAS_STATUS_ALLOC_FAILED;
    x += first(n, x_step);
    y += first(n, y_step);
#pragma omp parallel for schedule(static) if (chunks > 1)
    for (int64_t i = 0; i < chunks; i++) {
        int64_t begin = i * CHUNK;

        partial[i] = chunk_sum(kind, n - begin < CHUNK ? n - begin : CHUNK, x + begin * x_step,
                               x_step, y + begin * y_step, y_step);
    }
    for (int64_t i = 0; i < chunks; i++)
        *result += partial[i];
    free(partial);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSdot_v2(cublasHandle_t handle, int n, const float *x, int incx, const float *y,
                             int incy, float *result)
{
    SOFTGPU_WORK();
    double sum;
    cublasStatus_t status = sum_of(SUM_PRODUCTS, handle, n, x, incx, y, incy, &sum);

    if (result == NULL)
        return CUBLAS_STATUS_INVALID_VALUE;
    *result = (float)sum;
    return status;
}

cublasStatus_t cublasSnrm2_v2(cublasHandle_t handle, int n, const float *x, int incx, float *result)
{
    SOFTGPU_WORK();
    double sum;
    cublasStatus_t status = sum_of(SUM_SQUARES, handle, incx > 0 ? n : 0, x, incx, x, incx, &sum);

    if (result == NULL)
        return CUBLAS_STATUS_INVALID_VALUE;
    *result = (float)sqrt(sum);
    return status;
}

cublasStatus_t cublasSasum_v2(cublasHandle_t handle, int n, const float *x, int incx, float *result)
{
    SOFTGPU_WORK();
    double sum;
    cublasStatus_t status = sum_of(SUM_ABSOLUTES, handle, incx > 0 ? n : 0, x, incx, x, incx, &sum);

    if (result == NULL)
        return CUBLAS_STATUS_INVALID_VALUE;
    *result = (float)sum;
    return status;
}

cublasStatus_t cublasSaxpy_v2(cublasHandle_t handle, int n, const float *alpha, const float *x,
                              int incx, float *y, int incy)
{
    SOFTGPU_WORK();
    const int64_t x0 = first(n, incx);
    const int64_t y0 = first(n, incy);

    if (handle == NULL)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (alpha == NULL)
        return CUBLAS_STATUS_INVALID_VALUE;
#pragma omp parallel for schedule(static) if (n > CHUNK && incy != 0)
    for (int64_t i = 0; i < n; i++)
        y[y0 + i * incy] += *alpha * x[x0 + i * incx];
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSscal_v2(cublasHandle_t handle, int n, const float *alpha, float *x, int incx)
{
    SOFTGPU_WORK();
    if (handle == NULL)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (alpha == NULL)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (incx <= 0)
        return CUBLAS_STATUS_SUCCESS;
#pragma omp parallel for schedule(static) if (n > CHUNK)
    for (int64_t i = 0; i < n; i++)
        x[i * incx] *= *alpha;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasScopy_v2(cublasHandle_t handle, int n, const float *x, int incx, float *y,
                              int incy)
{
    SOFTGPU_WORK();
    const int64_t x0 = first(n, incx);
    const int64_t y0 = first(n, incy);

    if (handle == NULL)
        return CUBLAS_STATUS_NOT_INITIALIZED;
#pragma omp parallel for schedule(static) if (n > CHUNK && incy != 0)
    for (int64_t i = 0; i < n; i++)
        y[y0 + i * incy] = x[x0 + i * incx];
    return CUBLAS_STATUS_SUCCESS;
}
