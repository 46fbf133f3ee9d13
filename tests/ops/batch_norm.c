/* Batch normalization over N, H, W: forward training, inference, backward. */
#include "ops.h"

#include <math.h>
#include <stdlib.h>

#define EPSILON 1e-5
#define FACTOR  0.1

/* Mean and biased variance of channel c, in double precision. */
static void statistics(struct shape s, const float *x, int c, double *mean, double *variance)
{
    const double count = (double)s.n * s.h * s.w;
    double sum = 0.0;
    double squares = 0.0;

    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                sum += x[shape_at(s, n, c, h, w)];
    *mean = sum / count;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                squares +=
                    (x[shape_at(s, n, c, h, w)] - *mean) * (x[shape_at(s, n, c, h, w)] - *mean);
    *variance = squares / count;
}

static void check_training(struct shape s, cudnnBatchNormMode_t mode, float alpha, float beta)
{
    const double count = (double)s.n * s.h * s.w;
    const size_t channels = (size_t)s.c;
    cudnnTensorDescriptor_t desc = shape_descriptor(s);
    cudnnTensorDescriptor_t channel_desc = channel_descriptor(s.c);
    struct array x = array_random(shape_count(s), -1.0f, 2.0f);
    struct array y = beta == 0.0f ? array_poisoned(x.count) : array_random(x.count, -1.0f, 1.0f);
    struct array scale = array_random(channels, 0.5f, 2.0f);
    struct array bias = array_random(channels, -1.0f, 1.0f);
    struct array running_mean = array_random(channels, -1.0f, 1.0f);
    struct array running_variance = array_random(channels, 0.5f, 2.0f);
    struct array mean = array_poisoned(channels);
    struct array inverse = array_poisoned(channels);
    double *ref_y = reference_new(x.count);
    double *ref_channel[4];
    const char *name = layout_name(s.nhwc);

    for (int i = 0; i < 4; i++)
        ref_channel[i] = reference_new(channels);
    for (int c = 0; c < s.c; c++) {
        double m;
        double v;

        statistics(s, x.host, c, &m, &v);
        ref_channel[0][c] = (1.0 - FACTOR) * running_mean.host[c] + FACTOR * m;
        ref_channel[1][c] =
            (1.0 - FACTOR) * running_variance.host[c] + FACTOR * v * count / (count - 1.0);
        ref_channel[2][c] = m;
        ref_channel[3][c] = 1.0 / sqrt(v + EPSILON);
        for (int n = 0; n < s.n; n++)
            for (int h = 0; h < s.h; h++)
                for (int w = 0; w < s.w; w++) {
                    const size_t at = shape_at(s, n, c, h, w);

                    ref_y[at] = alpha * ((x.host[at] - m) * ref_channel[3][c] * scale.host[c] +
                                         bias.host[c]) +
                                (beta == 0.0f ? 0.0 : (double)beta * y.host[at]);
                }
    }
    TRY_CUDNN(cudnnBatchNormalizationForwardTraining(
        cudnn, mode, &alpha, &beta, desc, x.device, desc, y.device, channel_desc, scale.device,
        bias.device, FACTOR, running_mean.device, running_variance.device, EPSILON, mean.device,
        inverse.device));
    check_close(&y, ref_y, BOUND_SUM, "batch norm training y, %dx%dx%dx%d %s, alpha %g beta %g",
                s.n, s.c, s.h, s.w, name, alpha, beta);
    check_close(&running_mean, ref_channel[0], BOUND_SUM, "batch norm training running mean %s",
                name);
    check_close(&running_variance, ref_channel[1], BOUND_SUM,
                "batch norm training running variance (unbiased) %s", name);
    check_close(&mean, ref_channel[2], BOUND_SUM, "batch norm training saved mean %s", name);
    check_close(&inverse, ref_channel[3], BOUND_SUM, "batch norm training saved inverse %s", name);
    for (int i = 0; i < 4; i++)
        free(ref_channel[i]);
    free(ref_y);
    array_free(&x);
    array_free(&y);
    array_free(&scale);
    array_free(&bias);
    array_free(&running_mean);
    array_free(&running_variance);
    array_free(&mean);
    array_free(&inverse);
    MUST_CUDNN(cudnnDestroyTensorDescriptor(desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(channel_desc));
}

static void check_inference(struct shape s)
{
    const float one = 1.0f;
    const float zero = 0.0f;
    const size_t channels = (size_t)s.c;
    cudnnTensorDescriptor_t desc = shape_descriptor(s);
    cudnnTensorDescriptor_t channel_desc = channel_descriptor(s.c);
    struct array x = array_random(shape_count(s), -1.0f, 2.0f);
    struct array y = array_poisoned(x.count);
    struct array scale = array_random(channels, 0.5f, 2.0f);
    struct array bias = array_random(channels, -1.0f, 1.0f);
    struct array mean = array_random(channels, -1.0f, 1.0f);
    struct array variance = array_random(channels, 0.5f, 2.0f);
    double *reference = reference_new(x.count);

    for (int c = 0; c < s.c; c++)
        for (int n = 0; n < s.n; n++)
            for (int h = 0; h < s.h; h++)
                for (int w = 0; w < s.w; w++) {
                    const size_t at = shape_at(s, n, c, h, w);

                    reference[at] = ((double)x.host[at] - mean.host[c]) * scale.host[c] /
                                        sqrt(variance.host[c] + EPSILON) +
                                    bias.host[c];
                }
    TRY_CUDNN(cudnnBatchNormalizationForwardInference(
        cudnn, CUDNN_BATCHNORM_SPATIAL, &one, &zero, desc, x.device, desc, y.device, channel_desc,
        scale.device, bias.device, mean.device, variance.device, EPSILON));
    check_close(&y, reference, BOUND_SUM, "batch norm inference %dx%dx%dx%d %s", s.n, s.c, s.h, s.w,
                layout_name(s.nhwc));
    free(reference);
    array_free(&x);
    array_free(&y);
    array_free(&scale);
    array_free(&bias);
    array_free(&mean);
    array_free(&variance);
    MUST_CUDNN(cudnnDestroyTensorDescriptor(desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(channel_desc));
}

static void check_backward(struct shape s, cudnnBatchNormMode_t mode, float data_beta,
                           float parameter_beta)
{
    const float one = 1.0f;
    const double count = (double)s.n * s.h * s.w;
    const size_t channels = (size_t)s.c;
    cudnnTensorDescriptor_t desc = shape_descriptor(s);
    cudnnTensorDescriptor_t channel_desc = channel_descriptor(s.c);
    struct array x = array_random(shape_count(s), -1.0f, 2.0f);
    struct array dy = array_random(x.count, -1.0f, 1.0f);
    struct array dx =
        data_beta == 0.0f ? array_poisoned(x.count) : array_random(x.count, -1.0f, 1.0f);
    struct array scale = array_random(channels, 0.5f, 2.0f);
    struct array dscale =
        parameter_beta == 0.0f ? array_poisoned(channels) : array_random(channels, -1.0f, 1.0f);
    struct array dbias =
        parameter_beta == 0.0f ? array_poisoned(channels) : array_random(channels, -1.0f, 1.0f);
    struct array mean = array_random(channels, -1.0f, 1.0f);
    struct array inverse = array_random(channels, -1.0f, 1.0f);
    double *ref_dx = reference_new(x.count);
    double *ref_dscale = reference_new(channels);
    double *ref_dbias = reference_new(channels);
    const char *name = layout_name(s.nhwc);

    for (int c = 0; c < s.c; c++) {
        double m;
        double v;
        double sum = 0.0;
        double dot = 0.0;

        statistics(s, x.host, c, &m, &v);
        mean.host[c] = (float)m;
        inverse.host[c] = (float)(1.0 / sqrt(v + EPSILON));
        for (int n = 0; n < s.n; n++)
            for (int h = 0; h < s.h; h++)
                for (int w = 0; w < s.w; w++) {
                    const size_t at = shape_at(s, n, c, h, w);

                    sum += dy.host[at];
                    dot += dy.host[at] * (x.host[at] - m) / sqrt(v + EPSILON);
                }
        ref_dscale[c] =
            dot + (parameter_beta == 0.0f ? 0.0 : (double)parameter_beta * dscale.host[c]);
        ref_dbias[c] =
            sum + (parameter_beta == 0.0f ? 0.0 : (double)parameter_beta * dbias.host[c]);
        for (int n = 0; n < s.n; n++)
            for (int h = 0; h < s.h; h++)
                for (int w = 0; w < s.w; w++) {
                    const size_t at = shape_at(s, n, c, h, w);
                    const double normal = (x.host[at] - m) / sqrt(v + EPSILON);

                    ref_dx[at] = scale.host[c] / sqrt(v + EPSILON) *
                                     (dy.host[at] - sum / count - normal * dot / count) +
                                 (data_beta == 0.0f ? 0.0 : (double)data_beta * dx.host[at]);
                }
    }
    array_upload(&mean);
    array_upload(&inverse);
    TRY_CUDNN(cudnnBatchNormalizationBackward(cudnn, mode, &one, &data_beta, &one, &parameter_beta,
                                              desc, x.device, desc, dy.device, desc, dx.device,
                                              channel_desc, scale.device, dscale.device,
                                              dbias.device, EPSILON, mean.device, inverse.device));
    check_close(&dx, ref_dx, BOUND_SUM, "batch norm backward dx, %dx%dx%dx%d %s, beta %g", s.n, s.c,
                s.h, s.w, name, data_beta);
    check_close(&dscale, ref_dscale, BOUND_SUM, "batch norm backward dscale %s, beta %g", name,
                parameter_beta);
    check_close(&dbias, ref_dbias, BOUND_SUM, "batch norm backward dbias %s, beta %g", name,
                parameter_beta);
    free(ref_dx);
    free(ref_dscale);
    free(ref_dbias);
    array_free(&x);
    array_free(&dy);
    array_free(&dx);
    array_free(&scale);
    array_free(&dscale);
    array_free(&dbias);
    array_free(&mean);
    array_free(&inverse);
    MUST_CUDNN(cudnnDestroyTensorDescriptor(desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(channel_desc));
}

void test_batch_norm(void)
{
    static const struct shape shapes[] = {{4, 64, 8, 8, false},  {4, 64, 8, 8, true},
                                          {3, 5, 7, 3, false},   {3, 5, 7, 3, true},
                                          {4, 128, 2, 2, false}, {4, 128, 2, 2, true}};

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        check_training(shapes[i], CUDNN_BATCHNORM_SPATIAL, 1.0f, 0.0f);
        check_inference(shapes[i]);
        check_backward(shapes[i], CUDNN_BATCHNORM_SPATIAL, 0.0f, 0.0f);
        check_backward(shapes[i], CUDNN_BATCHNORM_SPATIAL, 1.0f, 1.0f);
    }
    check_training(shapes[1], CUDNN_BATCHNORM_SPATIAL_PERSISTENT, 1.0f, 0.0f);
    check_backward(shapes[1], CUDNN_BATCHNORM_SPATIAL_PERSISTENT, 0.0f, 0.0f);
    check_training(shapes[0], CUDNN_BATCHNORM_SPATIAL, 0.5f, -0.75f);
}
