/* Pooling: maxima and averages, forward and backward. */
#include "ops.h"

#include <math.h>
#include <stdlib.h>

struct shape pooled_shape(const struct pooling *p, struct shape x)
{
    return (struct shape){.n = x.n,
                          .c = x.c,
                          .h = (x.h + 2 * p->pad - p->window) / p->stride + 1,
                          .w = (x.w + 2 * p->pad - p->window) / p->stride + 1,
                          .nhwc = x.nhwc};
}

/* The window of one output along one axis: [begin, end) inside the image. */
static void window_of(int index, const struct pooling *p, int size, int *begin, int *end)
{
    const int at = index * p->stride - p->pad;

    *begin = at < 0 ? 0 : at;
    *end = at + p->window > size ? size : at + p->window;
}

void pooling_loops(const struct pooling *p, struct shape xs, struct shape ys, const float *x,
                   const float *dy, double alpha, double *out)
{
    for (int n = 0; n < ys.n; n++)
        for (int c = 0; c < ys.c; c++)
            for (int i = 0; i < ys.h; i++)
                for (int j = 0; j < ys.w; j++) {
                    const size_t at_y = shape_at(ys, n, c, i, j);
                    size_t best = 0;
                    double maximum = -INFINITY;
                    double sum = 0.0;
                    double divisor;
                    int h0, h1, w0, w1;

                    window_of(i, p, xs.h, &h0, &h1);
                    window_of(j, p, xs.w, &w0, &w1);
                    divisor = p->mode == CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING
                                  ? p->window * p->window
                                  : (h1 - h0) * (w1 - w0);
                    for (int h = h0; h < h1; h++)
                        for (int w = w0; w < w1; w++) {
                            const size_t at_x = shape_at(xs, n, c, h, w);

                            if (x[at_x] > maximum) {
                                maximum = x[at_x];
                                best = at_x;
                            }
                            sum += x[at_x];
                            if (dy != NULL && p->mode != CUDNN_POOLING_MAX &&
                                p->mode != CUDNN_POOLING_MAX_DETERMINISTIC)
                                out[at_x] += alpha * dy[at_y] / divisor;
                        }
                    if (p->mode != CUDNN_POOLING_MAX && p->mode != CUDNN_POOLING_MAX_DETERMINISTIC)
                        out[at_y] += dy == NULL ? alpha * sum / divisor : 0.0;
                    else if (dy != NULL)
                        out[best] += alpha * dy[at_y];
                    else
                        out[at_y] += alpha * maximum;
                }
}

static void check_pooling(const struct pooling *p, struct shape xs, float alpha, float beta)
{
    const struct shape ys = pooled_shape(p, xs);
    const float one = 1.0f;
    const float zero = 0.0f;
    cudnnTensorDescriptor_t x_desc = shape_descriptor(xs);
    cudnnTensorDescriptor_t y_desc = shape_descriptor(ys);
    struct array x = array_distinct(shape_count(xs)); /* of equal maxima cuDNN may take any */
    struct array y = array_poisoned(shape_count(ys));
    struct array blended = beta == 0.0f ? array_poisoned(y.count) : array_random(y.count, -1, 1);
    struct array dy = array_random(y.count, -1.0f, 1.0f);
    struct array dx = beta == 0.0f ? array_poisoned(x.count) : array_random(x.count, -1, 1);
    double *ref_y = reference_new(y.count);
    double *ref_dx = reference_new(x.count);
    cudnnPoolingDescriptor_t desc;

    for (size_t i = 0; beta != 0.0f && i < y.count; i++)
        ref_y[i] = (double)beta * blended.host[i];
    for (size_t i = 0; beta != 0.0f && i < x.count; i++)
        ref_dx[i] = (double)beta * dx.host[i];
    pooling_loops(p, xs, ys, x.host, NULL, alpha, ref_y);
    pooling_loops(p, xs, ys, x.host, dy.host, alpha, ref_dx);
    MUST_CUDNN(cudnnCreatePoolingDescriptor(&desc));
    MUST_CUDNN(cudnnSetPooling2dDescriptor(desc, p->mode, CUDNN_NOT_PROPAGATE_NAN, p->window,
                                           p->window, p->pad, p->pad, p->stride, p->stride));
    TRY_CUDNN(cudnnPoolingForward(cudnn, desc, &one, x_desc, x.device, &zero, y_desc, y.device));
    TRY_CUDNN(
        cudnnPoolingForward(cudnn, desc, &alpha, x_desc, x.device, &beta, y_desc, blended.device));
    TRY_CUDNN(cudnnPoolingBackward(cudnn, desc, &alpha, y_desc, y.device, y_desc, dy.device, x_desc,
                                   x.device, &beta, x_desc, dx.device));
    check_close(&blended, ref_y, BOUND_ELEMENT,
                "pooling %s forward %dx%dx%dx%d %s, window %d pad %d stride %d, alpha %g beta %g",
                p->name, xs.n, xs.c, xs.h, xs.w, layout_name(xs.nhwc), p->window, p->pad, p->stride,
                alpha, beta);
    check_close(&dx, ref_dx, BOUND_ELEMENT, "pooling %s backward %s, alpha %g beta %g", p->name,
                layout_name(xs.nhwc), alpha, beta);
    MUST_CUDNN(cudnnDestroyPoolingDescriptor(desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(x_desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(y_desc));
    array_free(&x);
    array_free(&y);
    array_free(&blended);
    array_free(&dy);
    array_free(&dx);
    free(ref_y);
    free(ref_dx);
}

void test_pooling(void)
{
    static const struct pooling poolings[] = {
        {"max", CUDNN_POOLING_MAX, 3, 1, 2},
        {"max deterministic", CUDNN_POOLING_MAX_DETERMINISTIC, 3, 1, 2},
        {"average with padding", CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING, 3, 1, 2},
        {"average without padding", CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING, 3, 1, 2},
        {"average over all", CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING, 10, 0, 1},
    };

    for (int nhwc = 0; nhwc < 2; nhwc++)
        for (size_t i = 0; i < sizeof(poolings) / sizeof(poolings[0]); i++) {
            check_pooling(&poolings[i], (struct shape){2, 19, 10, 10, nhwc}, 1.0f, 0.0f);
            check_pooling(&poolings[i], (struct shape){2, 19, 10, 10, nhwc}, 0.5f, -0.75f);
        }
}
