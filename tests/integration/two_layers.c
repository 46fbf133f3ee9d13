/*
 * Trains y = W2 (W1 x) by gradient descent in calls of cuBLAS, without any range. The argument is
 * the number of steps; a second one, any, makes each step's batch larger by one than the one
 * before, so that nothing repeats. For a batch of 32, in bytes:
 *
 *   W1 16 x 8: 512, W2 4 x 16: 256, the target T 4 x 32: 512   before the steps
 *   x 8 x 32: 1024, h 16 x 32: 2048, y 4 x 32: 512, dW2 256, dh 2048, dW1 512   in each
 */
#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <stdlib.h>

#define IN      8
#define HIDDEN  16
#define OUT     4
#define BATCH   32
#define LARGEST 64

static cublasHandle_t handle;
static float host[HIDDEN * LARGEST];
static int faults;

static void check(int status) { faults += status != 0; }

static float *made(int rows, int columns)
{
    float *p = NULL;
    check(cudaMalloc((void **)&p, sizeof *p * (size_t)(rows * columns)));
    return p;
}

static float *from_host(int rows, int columns)
{
    float *p = made(rows, columns);
    check(cudaMemcpy(p, host, sizeof *p * (size_t)(rows * columns), cudaMemcpyHostToDevice));
    return p;
}

/* c (m x n) = op(a) op(b), over k. */
static void gemm(cublasOperation_t a_op, cublasOperation_t b_op, int m, int n, int k,
                 const float *a, const float *b, float *c)
{
    const float one = 1;
    const float zero = 0;
    check(cublasSgemm(handle, a_op, b_op, m, n, k, &one, a, a_op == CUBLAS_OP_N ? m : k, b,
                      b_op == CUBLAS_OP_N ? k : n, &zero, c, m));
}

static void add(int n, float factor, const float *x, float *y)
{
    check(cublasSaxpy(handle, n, &factor, x, 1, y, 1));
}

static void step(float *w1, float *w2, const float *target, int batch)
{
    float *x = from_host(IN, batch);
    float *h = made(HIDDEN, batch);
    gemm(CUBLAS_OP_N, CUBLAS_OP_N, HIDDEN, batch, IN, w1, x, h);
    float *y = made(OUT, batch);
    gemm(CUBLAS_OP_N, CUBLAS_OP_N, OUT, batch, HIDDEN, w2, h, y);
    add(OUT * BATCH, -1, target, y); /* y is the loss's gradient from here on */
    float *dw2 = made(OUT, HIDDEN);
    gemm(CUBLAS_OP_N, CUBLAS_OP_T, OUT, HIDDEN, batch, y, h, dw2);
    float *dh = made(HIDDEN, batch);
    gemm(CUBLAS_OP_T, CUBLAS_OP_N, HIDDEN, batch, OUT, w2, y, dh);
    check(cudaFree(h));
    check(cudaFree(y));
    float *dw1 = made(HIDDEN, IN);
    gemm(CUBLAS_OP_N, CUBLAS_OP_T, HIDDEN, IN, batch, dh, x, dw1);
    check(cudaFree(dh));
    check(cudaFree(x));
    add(HIDDEN * IN, -0.001f, dw1, w1);
    check(cudaFree(dw1));
    add(OUT * HIDDEN, -0.001f, dw2, w2);
    check(cudaFree(dw2));
    check(cudaDeviceSynchronize());
}

int main(int argc, char **argv)
{
    const int steps = argc > 1 ? atoi(argv[1]) : 6;
    for (size_t i = 0; i < sizeof host / sizeof host[0]; i++)
        host[i] = (float)(i % 7) / 7;
    check(cublasCreate(&handle));
    float *w1 = from_host(HIDDEN, IN);
    float *w2 = from_host(OUT, HIDDEN);
    float *target = from_host(OUT, BATCH);
    for (int i = 0; i < steps; i++)
        step(w1, w2, target, BATCH + (argc > 2 ? i : 0));
    check(cudaFree(w1));
    check(cudaFree(w2));
    check(cudaFree(target));
    check(cublasDestroy(handle));
    return faults;
}
