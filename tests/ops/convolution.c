/* Convolution: forward, backward data, backward filter, backward bias, and the fused forward. */
#include "ops.h"

#include <stdlib.h>
#include <string.h>

enum direction {
    FORWARD,
    BACKWARD_DATA,
    BACKWARD_FILTER
};

static const char *const direction_name[] = {"forward", "backward data", "backward filter"};

struct convolution {
    struct shape x, w, y; /* w.n is the number of filters */
    int pad, stride;
    float alpha, beta;
    cudnnTensorDescriptor_t x_desc, y_desc;
    cudnnFilterDescriptor_t w_desc;
    cudnnConvolutionDescriptor_t desc;
};

static struct convolution convolution_new(struct shape x, int filters, int kernel, int stride,
                                          float alpha, float beta)
{
    struct convolution v = {.x = x,
                            .w = {filters, x.c, kernel, kernel, x.nhwc},
                            .y = {.n = x.n, .c = filters, .nhwc = x.nhwc},
                            .pad = kernel / 2,
                            .stride = stride,
                            .alpha = alpha,
                            .beta = beta};
    int n;
    int c;

    v.x_desc = shape_descriptor(v.x);
    MUST_CUDNN(cudnnCreateFilterDescriptor(&v.w_desc));
    MUST_CUDNN(cudnnSetFilter4dDescriptor(v.w_desc, CUDNN_DATA_FLOAT, format_of(x.nhwc), filters,
                                          x.c, kernel, kernel));
    MUST_CUDNN(cudnnCreateConvolutionDescriptor(&v.desc));
    MUST_CUDNN(cudnnSetConvolution2dDescriptor(v.desc, v.pad, v.pad, stride, stride, 1, 1,
                                               CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT));
    MUST_CUDNN(cudnnSetConvolutionMathType(v.desc, CUDNN_FMA_MATH)); /* no TF32 */
    MUST_CUDNN(
        cudnnGetConvolution2dForwardOutputDim(v.desc, v.x_desc, v.w_desc, &n, &c, &v.y.h, &v.y.w));
    if (n != x.n || c != filters)
        bail_out(__FILE__, __LINE__, "cudnnGetConvolution2dForwardOutputDim", "wrong dimensions");
    v.y_desc = shape_descriptor(v.y);
    return v;
}

static void convolution_free(struct convolution *v)
{
    MUST_CUDNN(cudnnDestroyTensorDescriptor(v->x_desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(v->y_desc));
    MUST_CUDNN(cudnnDestroyFilterDescriptor(v->w_desc));
    MUST_CUDNN(cudnnDestroyConvolutionDescriptor(v->desc));
}

/* Adds alpha * the convolution to `out`: y, dx or dw, from the other two. */
static void loops(const struct convolution *v, enum direction direction, const float *x,
                  const float *w, const float *y, double *out)
{
    const struct convolution_shape shape = {v->x, v->w, v->y, v->pad, v->stride};

    convolution_loops(&shape,
                      direction == FORWARD         ? 2
                      : direction == BACKWARD_DATA ? 0
                                                   : 1,
                      (double)v->alpha, x, w, y, out);
}

/* The first deterministic algorithm that the library itself proposes, and its workspace. */
#define PICK_ALGORITHM(perf_type, query, ...)                                                      \
    perf_type found[8];                                                                            \
    int n_found = 0;                                                                               \
    int picked = 0;                                                                                \
    TRY_CUDNN(query(cudnn, __VA_ARGS__, 8, &n_found, found));                                      \
    while (picked < n_found && (found[picked].status != CUDNN_STATUS_SUCCESS ||                    \
                                found[picked].determinism != CUDNN_DETERMINISTIC))                 \
        picked++;                                                                                  \
    if (picked == n_found) {                                                                       \
        complain(#query, "no deterministic algorithm");                                            \
        return;                                                                                    \
    }

static void run_forward(const struct convolution *v, const float *x, const float *w, float *y)
{
    PICK_ALGORITHM(cudnnConvolutionFwdAlgoPerf_t, cudnnGetConvolutionForwardAlgorithm_v7, v->x_desc,
                   v->w_desc, v->desc, v->y_desc);
    size_t bytes = 0;
    struct array workspace;

    TRY_CUDNN(cudnnGetConvolutionForwardWorkspaceSize(cudnn, v->x_desc, v->w_desc, v->desc,
                                                      v->y_desc, found[picked].algo, &bytes));
    workspace = array_poisoned((bytes + 3) / 4);
    TRY_CUDNN(cudnnConvolutionForward(cudnn, &v->alpha, v->x_desc, x, v->w_desc, w, v->desc,
                                      found[picked].algo, workspace.device, bytes, &v->beta,
                                      v->y_desc, y));
    array_download(&workspace);
    array_free(&workspace);
}

static void run_backward_data(const struct convolution *v, const float *w, const float *dy,
                              float *dx)
{
    PICK_ALGORITHM(cudnnConvolutionBwdDataAlgoPerf_t, cudnnGetConvolutionBackwardDataAlgorithm_v7,
                   v->w_desc, v->y_desc, v->desc, v->x_desc);
    size_t bytes = 0;
    struct array workspace;

    TRY_CUDNN(cudnnGetConvolutionBackwardDataWorkspaceSize(cudnn, v->w_desc, v->y_desc, v->desc,
                                                           v->x_desc, found[picked].algo, &bytes));
    workspace = array_poisoned((bytes + 3) / 4);
    TRY_CUDNN(cudnnConvolutionBackwardData(cudnn, &v->alpha, v->w_desc, w, v->y_desc, dy, v->desc,
                                           found[picked].algo, workspace.device, bytes, &v->beta,
                                           v->x_desc, dx));
    array_download(&workspace);
    array_free(&workspace);
}

static void run_backward_filter(const struct convolution *v, const float *x, const float *dy,
                                float *dw)
{
    PICK_ALGORITHM(cudnnConvolutionBwdFilterAlgoPerf_t,
                   cudnnGetConvolutionBackwardFilterAlgorithm_v7, v->x_desc, v->y_desc, v->desc,
                   v->w_desc);
    size_t bytes = 0;
    struct array workspace;

    TRY_CUDNN(cudnnGetConvolutionBackwardFilterWorkspaceSize(
        cudnn, v->x_desc, v->y_desc, v->desc, v->w_desc, found[picked].algo, &bytes));
    workspace = array_poisoned((bytes + 3) / 4);
    TRY_CUDNN(cudnnConvolutionBackwardFilter(cudnn, &v->alpha, v->x_desc, x, v->y_desc, dy, v->desc,
                                             found[picked].algo, workspace.device, bytes, &v->beta,
                                             v->w_desc, dw));
    array_download(&workspace);
    array_free(&workspace);
}

static void check_direction(struct shape x_shape, int filters, int kernel, int stride, float alpha,
                            float beta, enum direction direction)
{
    struct convolution v = convolution_new(x_shape, filters, kernel, stride, alpha, beta);
    const struct shape shapes[] = {v.x, v.w, v.y};
    const int out = direction == FORWARD ? 2 : direction == BACKWARD_DATA ? 0 : 1;
    struct array array[3];
    double *reference = reference_new(shape_count(shapes[out]));

    for (int i = 0; i < 3; i++)
        array[i] = i == out && beta == 0.0f ? array_poisoned(shape_count(shapes[i]))
                                            : array_random(shape_count(shapes[i]), -1.0f, 1.0f);
    if (beta != 0.0f)
        for (size_t i = 0; i < array[out].count; i++)
            reference[i] = (double)beta * array[out].host[i];
    loops(&v, direction, array[0].host, array[1].host, array[2].host, reference);
    if (direction == FORWARD)
        run_forward(&v, array[0].device, array[1].device, array[2].device);
    else if (direction == BACKWARD_DATA)
        run_backward_data(&v, array[1].device, array[2].device, array[0].device);
    else
        run_backward_filter(&v, array[0].device, array[2].device, array[1].device);
    check_close(&array[out], reference, BOUND_SUM,
                "convolution %s %dx%dx%dx%d %s, %d filters %dx%d stride %d, alpha %g beta %g",
                direction_name[direction], v.x.n, v.x.c, v.x.h, v.x.w, layout_name(v.x.nhwc),
                filters, kernel, kernel, stride, alpha, beta);
    for (int i = 0; i < 3; i++)
        array_free(&array[i]);
    free(reference);
    convolution_free(&v);
}

static void check_backward_bias(bool nhwc, float beta)
{
    const struct shape shape = {3, 7, 5, 6, nhwc};
    const float alpha = 1.0f;
    cudnnTensorDescriptor_t dy_desc = shape_descriptor(shape);
    cudnnTensorDescriptor_t db_desc = channel_descriptor(shape.c);
    struct array dy = array_random(shape_count(shape), -1.0f, 1.0f);
    struct array db =
        beta == 0.0f ? array_poisoned((size_t)shape.c) : array_random((size_t)shape.c, -1.0f, 1.0f);
    double *reference = reference_new((size_t)shape.c);

    for (int c = 0; c < shape.c; c++) {
        reference[c] = beta == 0.0f ? 0.0 : (double)beta * db.host[c];
        for (int n = 0; n < shape.n; n++)
            for (int h = 0; h < shape.h; h++)
                for (int w = 0; w < shape.w; w++)
                    reference[c] += dy.host[shape_at(shape, n, c, h, w)];
    }
    TRY_CUDNN(
        cudnnConvolutionBackwardBias(cudnn, &alpha, dy_desc, dy.device, &beta, db_desc, db.device));
    check_close(&db, reference, BOUND_SUM, "convolution backward bias %s, beta %g",
                layout_name(nhwc), beta);
    array_free(&dy);
    array_free(&db);
    free(reference);
    MUST_CUDNN(cudnnDestroyTensorDescriptor(dy_desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(db_desc));
}

/* y = relu(convolution(x, w) + alpha2 * z + bias) */
static void check_fused_forward(bool nhwc, float alpha2)
{
    struct convolution v = convolution_new((struct shape){2, 8, 9, 9, nhwc}, 16, 3, 1, 1.0f, 0.0f);
    struct array x = array_random(shape_count(v.x), -1.0f, 1.0f);
    struct array w = array_random(shape_count(v.w), -1.0f, 1.0f);
    struct array z = array_random(shape_count(v.y), -1.0f, 1.0f);
    struct array bias = array_random((size_t)v.y.c, -1.0f, 1.0f);
    struct array y = array_poisoned(shape_count(v.y));
    double *reference = reference_new(y.count);
    cudnnTensorDescriptor_t bias_desc = channel_descriptor(v.y.c);
    cudnnActivationDescriptor_t relu;
    size_t bytes = 0;
    struct array workspace;
    const cudnnConvolutionFwdAlgo_t algo = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;

    loops(&v, FORWARD, x.host, w.host, NULL, reference);
    for (int n = 0; n < v.y.n; n++)
        for (int c = 0; c < v.y.c; c++)
            for (int h = 0; h < v.y.h; h++)
                for (int u = 0; u < v.y.w; u++) {
                    const size_t at = shape_at(v.y, n, c, h, u);
                    const double sum = reference[at] + (double)alpha2 * z.host[at] + bias.host[c];

                    reference[at] = sum > 0.0 ? sum : 0.0;
                }
    MUST_CUDNN(cudnnCreateActivationDescriptor(&relu));
    MUST_CUDNN(
        cudnnSetActivationDescriptor(relu, CUDNN_ACTIVATION_RELU, CUDNN_NOT_PROPAGATE_NAN, 0.0));
    TRY_CUDNN(cudnnGetConvolutionForwardWorkspaceSize(cudnn, v.x_desc, v.w_desc, v.desc, v.y_desc,
                                                      algo, &bytes));
    workspace = array_poisoned((bytes + 3) / 4);
    TRY_CUDNN(cudnnConvolutionBiasActivationForward(
        cudnn, &v.alpha, v.x_desc, x.device, v.w_desc, w.device, v.desc, algo, workspace.device,
        bytes, &alpha2, v.y_desc, z.device, bias_desc, bias.device, relu, v.y_desc, y.device));
    check_close(&y, reference, BOUND_SUM, "convolution + bias + %g z + relu, %s", alpha2,
                layout_name(nhwc));
    array_free(&x);
    array_free(&w);
    array_free(&z);
    array_free(&bias);
    array_free(&y);
    array_free(&workspace);
    free(reference);
    MUST_CUDNN(cudnnDestroyTensorDescriptor(bias_desc));
    MUST_CUDNN(cudnnDestroyActivationDescriptor(relu));
    convolution_free(&v);
}

/* The same call gives the same bits, and a workspace that is too small is refused. */
static void check_contract(void)
{
    struct convolution v =
        convolution_new((struct shape){8, 16, 14, 14, false}, 32, 3, 1, 1.0f, 0.0f);
    const cudnnConvolutionBwdFilterAlgo_t algo = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;
    struct array x = array_random(shape_count(v.x), -1.0f, 1.0f);
    struct array dy = array_random(shape_count(v.y), -1.0f, 1.0f);
    struct array first = array_poisoned(shape_count(v.w));
    struct array second = array_poisoned(shape_count(v.w));
    size_t bytes = 0;

    run_backward_filter(&v, x.device, dy.device, first.device);
    run_backward_filter(&v, x.device, dy.device, second.device);
    array_download(&first);
    array_download(&second);
    check_true(memcmp((const void *)first.host, (const void *)second.host,
                      first.count * sizeof(float)) == 0,
               "convolution backward filter is the same, bit for bit, when repeated");
    TRY_CUDNN(cudnnGetConvolutionBackwardFilterWorkspaceSize(cudnn, v.x_desc, v.y_desc, v.desc,
                                                             v.w_desc, algo, &bytes));
    if (bytes > 0)
        check_true(cudnnConvolutionBackwardFilter(cudnn, &v.alpha, v.x_desc, x.device, v.y_desc,
                                                  dy.device, v.desc, algo, NULL, 0, &v.beta,
                                                  v.w_desc, second.device) != CUDNN_STATUS_SUCCESS,
                   "convolution backward filter without its workspace is refused");
    array_free(&x);
    array_free(&dy);
    array_free(&first);
    array_free(&second);
    convolution_free(&v);
}

void test_convolution(void)
{
    static const int kernels[] = {1, 3, 7};

    for (int nhwc = 0; nhwc < 2; nhwc++)
        for (size_t k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++)
            for (int stride = 1; stride <= 2; stride++)
                for (int beta = 0; beta < 2; beta++)
                    for (int direction = FORWARD; direction <= BACKWARD_FILTER; direction++)
                        check_direction((struct shape){2, 16, 14, 14, nhwc}, 32, kernels[k], stride,
                                        1.0f, (float)beta, (enum direction)direction);
    /* Channels that are no multiple of a vector, an image that is not square, any alpha and beta;
     * and the network's first layer. */
    for (int nhwc = 0; nhwc < 2; nhwc++)
        for (int direction = FORWARD; direction <= BACKWARD_FILTER; direction++) {
            check_direction((struct shape){3, 5, 9, 12, nhwc}, 7, 3, 2, 0.5f, -0.75f,
                            (enum direction)direction);
            check_direction((struct shape){2, 3, 20, 20, nhwc}, 64, 7, 2, 1.0f, 0.0f,
                            (enum direction)direction);
        }
    for (int nhwc = 0; nhwc < 2; nhwc++)
        for (int flag = 0; flag < 2; flag++) {
            check_backward_bias(nhwc, (float)flag);
            check_fused_forward(nhwc, (float)flag);
        }
    check_contract();
}
