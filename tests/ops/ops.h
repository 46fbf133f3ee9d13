/*
 * The operator test: what the vendor's libraries (or softgpu's) compute, compared with plain loops
 * in double precision. It uses the public CUDA, cuDNN and cuBLAS interface alone, so that one
 * program tests softgpu (LD_LIBRARY_PATH=build/softgpu) and shows on a GPU that the stand-in means
 * the same.
 *
 * Inputs are pseudo-random, the same in each run; OPS_SEED=N draws others.
 * Outputs and workspaces are full of NaN before a call, and so is a guard behind each of them,
 * which must be untouched afterwards: so a call that fails, or leaves its output alone, fails its
 * checks. Where the test itself cannot go on (no memory, no descriptor), it ends with "Bail out!".
 */
#ifndef TESTS_OPS_H
#define TESTS_OPS_H

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern cudnnHandle_t cudnn;
extern cublasHandle_t cublas;

/* Each family of operators: runs its checks. */
void test_convolution(void);
void test_convolution_graph(void);
void test_batch_norm(void);
void test_batch_norm_fused(void);
void test_pooling(void);
void test_elementwise(void);
void test_softmax(void);
void test_gemm(void);
void test_vectors(void);
void test_kernels(void);
void test_layer_kernels(void);

/*
 * Bounds on ||out - reference|| / ||reference||. fp32 rounds to 2^-24 = 6e-8.
 * SUM: a sum of K random terms gathers about sqrt(K) roundings; K is below 4,000 here, so 4e-6 in
 * the plainest order of summation. TF32 (11 bits) would give some 3e-4 and does not pass.
 * ELEMENT: a few roundings, or a transcendental function of some ulp.
 */
#define BOUND_SUM     1e-5
#define BOUND_ELEMENT 2e-6

/* An array in device memory and its host copy. */
struct array {
    size_t count;
    float *device;
    float *host;
};

struct array array_random(size_t count, float low, float high); /* in both memories */
struct array array_distinct(size_t count); /* no two are equal, in (-1, 1); in both memories */
struct array array_poisoned(size_t count); /* full of NaN */
void array_upload(struct array *array);    /* host to device */
void array_download(struct array *array);  /* after a synchronisation; looks at the guard */
void array_free(struct array *array);

uint32_t random_below(uint32_t limit);

/* A tensor's dimensions and layout. */
struct shape {
    int n, c, h, w;
    bool nhwc;
};

size_t shape_count(struct shape shape);
size_t shape_at(struct shape shape, int n, int c, int h, int w); /* index of an element */
cudnnTensorDescriptor_t shape_descriptor(struct shape shape);    /* the caller destroys it */
cudnnTensorDescriptor_t channel_descriptor(int channels);        /* 1 x channels x 1 x 1 */
static inline cudnnTensorFormat_t format_of(bool nhwc)
{
    return nhwc ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW;
}
static inline const char *layout_name(bool nhwc) { return nhwc ? "nhwc" : "nchw"; }

/* A convolution between x, filters w (w.n of them) and y. */
struct convolution_shape {
    struct shape x, w, y;
    int pad, stride;
};
struct convolution_shape convolution_shape(struct shape x, int filters, int kernel, int stride,
                                           int pad);
/* Adds alpha * the convolution to `out`, which is x (which = 0), w (1) or y (2), or the gradient of
   x or w, from the other two. */
void convolution_loops(const struct convolution_shape *shape, int which, double alpha,
                       const float *x, const float *w, const float *y, double *out);

/* A pooling; one whose window is as large as the image has outputs of 1 x 1. */
struct pooling {
    const char *name;
    cudnnPoolingMode_t mode;
    int window, pad, stride;
};
struct shape pooled_shape(const struct pooling *pooling, struct shape x);
/* Adds alpha * (pooled x, of the shape ys) to `out`, which is y, or, where dy is given, alpha *
   (its gradient) to `out`, which is dx. Of equal maxima in a window the first, row by row, has the
   gradient. */
void pooling_loops(const struct pooling *pooling, struct shape xs, struct shape ys, const float *x,
                   const float *dy, double alpha, double *out);

/* Zeroed doubles; the caller frees them. */
double *reference_new(size_t count);

/* One TAP line: fetches `out`, compares with reference[out->count], says error and bound. */
void check_close(struct array *out, const double *reference, double bound, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same where terms may cancel: the error is taken against the magnitudes, each the sum of the
   absolute values of its element's terms, which is what fp32's roundings are relative to. */
void check_sum(struct array *out, const double *reference, const double *magnitude, double bound,
               const char *format, ...) __attribute__((format(printf, 5, 6)));
void check_true(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));
void skip(const char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says on a TAP comment line that a call under test failed; its outputs then fail their checks. */
void complain(const char *call, const char *reason);

_Noreturn void bail_out(const char *file, int line, const char *call, const char *reason);

#define MUST_CUDA(call)                                                                            \
    do {                                                                                           \
        cudaError_t status_ = (call);                                                              \
        if (status_ != cudaSuccess)                                                                \
            bail_out(__FILE__, __LINE__, #call, cudaGetErrorString(status_));                      \
    } while (0)
#define MUST_CUDNN(call)                                                                           \
    do {                                                                                           \
        cudnnStatus_t status_ = (call);                                                            \
        if (status_ != CUDNN_STATUS_SUCCESS)                                                       \
            bail_out(__FILE__, __LINE__, #call, cudnnGetErrorString(status_));                     \
    } while (0)
#define TRY_CUDNN(call)                                                                            \
    do {                                                                                           \
        cudnnStatus_t status_ = (call);                                                            \
        if (status_ != CUDNN_STATUS_SUCCESS)                                                       \
            complain(#call, cudnnGetErrorString(status_));                                         \
    } while (0)
#define TRY_CUBLAS(call)                                                                           \
    do {                                                                                           \
        cublasStatus_t status_ = (call);                                                           \
        if (status_ != CUBLAS_STATUS_SUCCESS)                                                      \
            complain(#call, cublasGetStatusString(status_));                                       \
    } while (0)
#define MUST_CUBLAS(call)                                                                          \
    do {                                                                                           \
        cublasStatus_t status_ = (call);                                                           \
        if (status_ != CUBLAS_STATUS_SUCCESS)                                                      \
            bail_out(__FILE__, __LINE__, #call, cublasGetStatusString(status_));                   \
    } while (0)

#endif
