/* Softmax, plain and log, over the channels or over all of an image, forward and backward. */
#include "ops.h"

#include <math.h>
#include <stdlib.h>

struct variant {
    cudnnSoftmaxAlgorithm_t algo;
    cudnnSoftmaxMode_t mode;
    const char *name;
};

/* Calls out one group of elements that are normalized together. */
static size_t group_size(struct shape s, cudnnSoftmaxMode_t mode)
{
    return (size_t)s.c * (mode == CUDNN_SOFTMAX_MODE_CHANNEL ? 1u : (size_t)s.h * (size_t)s.w);
}

static size_t member(struct shape s, cudnnSoftmaxMode_t mode, size_t group, size_t i)
{
    const size_t plane = (size_t)s.h * (size_t)s.w;

    if (mode == CUDNN_SOFTMAX_MODE_CHANNEL)
        return shape_at(s, (int)(group / plane), (int)i, (int)(group % plane) / s.w,
                        (int)(group % plane) % s.w);
    return shape_at(s, (int)group, (int)(i / plane), (int)(i % plane) / s.w,
                    (int)(i % plane) % s.w);
}

static void check_softmax(const struct variant *v, struct shape s, float alpha, float beta)
{
    const bool log_softmax = v->algo == CUDNN_SOFTMAX_LOG;
    const size_t size = group_size(s, v->mode);
    cudnnTensorDescriptor_t desc = shape_descriptor(s);
    struct array x = array_random(shape_count(s), -4.0f, 4.0f);
    struct array y = beta == 0.0f ? array_poisoned(x.count) : array_random(x.count, -1.0f, 1.0f);
    struct array made = array_poisoned(x.count); /* softmax(x), for the backward pass */
    struct array dy = array_random(x.count, -1.0f, 1.0f);
    struct array dx = beta == 0.0f ? array_poisoned(x.count) : array_random(x.count, -1.0f, 1.0f);
    double *ref_y = reference_new(x.count);
    double *ref_dx = reference_new(x.count);

    for (size_t group = 0; group < x.count / size; group++) {
        double sum = 0.0;
        double dot = 0.0;

        for (size_t i = 0; i < size; i++)
            sum += exp((double)x.host[member(s, v->mode, group, i)]);
        for (size_t i = 0; i < size; i++) {
            const size_t at = member(s, v->mode, group, i);
            const double p = exp((double)x.host[at]) / sum;

            ref_y[at] = alpha * (log_softmax ? log(p) : p) +
                        (beta == 0.0f ? 0.0 : (double)beta * y.host[at]);
            made.host[at] = (float)(log_softmax ? log(p) : p);
            dot += log_softmax ? dy.host[at] : dy.host[at] * p;
        }
        for (size_t i = 0; i < size; i++) {
            const size_t at = member(s, v->mode, group, i);
            const double p = exp((double)x.host[at]) / sum;

            ref_dx[at] = alpha * (log_softmax ? dy.host[at] - p * dot : p * (dy.host[at] - dot)) +
                         (beta == 0.0f ? 0.0 : (double)beta * dx.host[at]);
        }
    }
    array_upload(&made);
    TRY_CUDNN(cudnnSoftmaxForward(cudnn, v->algo, v->mode, &alpha, desc, x.device, &beta, desc,
                                  y.device));
    TRY_CUDNN(cudnnSoftmaxBackward(cudnn, v->algo, v->mode, &alpha, desc, made.device, desc,
                                   dy.device, &beta, desc, dx.device));
    check_close(&y, ref_y, BOUND_SUM, "softmax %s forward %dx%dx%dx%d %s, alpha %g beta %g",
                v->name, s.n, s.c, s.h, s.w, layout_name(s.nhwc), alpha, beta);
    check_close(&dx, ref_dx, BOUND_SUM, "softmax %s backward %dx%dx%dx%d %s, alpha %g beta %g",
                v->name, s.n, s.c, s.h, s.w, layout_name(s.nhwc), alpha, beta);
    array_free(&x);
    array_free(&y);
    array_free(&made);
    array_free(&dy);
    array_free(&dx);
    free(ref_y);
    free(ref_dx);
    MUST_CUDNN(cudnnDestroyTensorDescriptor(desc));
}

void test_softmax(void)
{
    static const struct variant variants[] = {
        {CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_INSTANCE, "over images"},
        {CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_CHANNEL, "over channels"},
        {CUDNN_SOFTMAX_LOG, CUDNN_SOFTMAX_MODE_INSTANCE, "log over images"},
        {CUDNN_SOFTMAX_LOG, CUDNN_SOFTMAX_MODE_CHANNEL, "log over channels"},
    };

    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        check_softmax(&variants[i], (struct shape){8, 1000, 1, 1, false}, 1.0f, 0.0f);
        check_softmax(&variants[i], (struct shape){3, 10, 4, 5, false}, 1.0f, 0.0f);
        check_softmax(&variants[i], (struct shape){3, 10, 4, 5, true}, 0.5f, -0.75f);
    }
}
