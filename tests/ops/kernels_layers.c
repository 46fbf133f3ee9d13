/* The workload's own kernels of layers: the residual addition with its ReLU, and the poolings'
 * backward passes, launched as the workload does. */
#include "ops.h"

#include "workload/kernels/kernels.h"

#include <math.h>
#include <stdlib.h>

/* `first` elements into its arrays, which a kernel must leave alone, as it must what is behind. */
static void check_add_relu(uint32_t count, size_t first)
{
    struct array sum = array_random(first + count, -1.0f, 1.0f);
    struct array other = array_random(first + count, -1.0f, 1.0f);
    double *reference = reference_new(sum.count);
    double *size = reference_new(sum.count); /* sums of the absolute values of the terms */

    for (size_t i = first; i < sum.count; i += 5) /* a sum of 0, where ReLU has its corner */
        other.host[i] = -sum.host[i];
    array_upload(&other);
    for (size_t i = 0; i < sum.count; i++) {
        const double added = (double)sum.host[i] + (double)other.host[i];

        reference[i] = i < first ? (double)sum.host[i] : fmax(added, 0.0);
        size[i] = fabs((double)sum.host[i]) + fabs((double)other.host[i]);
    }
    MUST_CUDA(launch_add_relu(&(struct add_relu_args){.sum = sum.device + first,
                                                      .other = other.device + first,
                                                      .count = count},
                              NULL));
    check_sum(&sum, reference, size, BOUND_ELEMENT, "kernel add_relu of %u, %zu in", count, first);
    array_free(&sum);
    array_free(&other);
    free(reference);
    free(size);
}

/* The values that a maximum is taken of. */
enum values {
    VALUES_DISTINCT,
    VALUES_FEW,  /* 0, 1 and 2: windows have several maxima */
    VALUES_RELU, /* as ReLU leaves them: half are 0, and so are whole windows */
    VALUES_KINDS
};

static struct array array_of(enum values values, size_t count)
{
    struct array made = array_distinct(count);

    for (size_t i = 0; i < count; i++)
        if (values == VALUES_FEW)
            made.host[i] = (float)random_below(3);
        else if (values == VALUES_RELU && made.host[i] < 0.0f)
            made.host[i] = 0.0f;
    array_upload(&made);
    return made;
}

static void check_max_pool(struct shape xs, enum values values)
{
    static const char *const names[VALUES_KINDS] = {"distinct values", "few values", "ReLU's"};
    const struct pooling pooling = {"max", CUDNN_POOLING_MAX, MAX_POOL_WINDOW, MAX_POOL_PAD,
                                    MAX_POOL_STRIDE};
    const struct shape ys = pooled_shape(&pooling, xs);
    struct array x = array_of(values, shape_count(xs));
    struct array y = array_poisoned(shape_count(ys));
    struct array dy = array_random(y.count, -1.0f, 1.0f);
    struct array dx = array_poisoned(x.count);
    double *maxima = reference_new(y.count);
    double *reference = reference_new(x.count);
    double *size = reference_new(x.count); /* the same of dy's absolute values */
    float *absolute = malloc(dy.count * sizeof(*absolute));

    if (absolute == NULL)
        bail_out(__FILE__, __LINE__, "malloc", "no memory");
    for (size_t i = 0; i < dy.count; i++)
        absolute[i] = fabsf(dy.host[i]);
    pooling_loops(&pooling, xs, ys, x.host, NULL, 1.0, maxima);
    pooling_loops(&pooling, xs, ys, x.host, dy.host, 1.0, reference);
    pooling_loops(&pooling, xs, ys, x.host, absolute, 1.0, size);
    for (size_t i = 0; i < y.count; i++)
        y.host[i] = (float)maxima[i];
    array_upload(&y);
    MUST_CUDA(launch_max_pool_backward(
        &(struct max_pool_backward_args){.x = x.device,
                                         .y = y.device,
                                         .dy = dy.device,
                                         .dx = dx.device,
                                         .count = (uint32_t)x.count,
                                         .inner = xs.nhwc ? (uint32_t)xs.c : 1,
                                         .height = (uint32_t)xs.h,
                                         .width = (uint32_t)xs.w,
                                         .out_height = (uint32_t)ys.h,
                                         .out_width = (uint32_t)ys.w},
        NULL));
    check_sum(&dx, reference, size, BOUND_ELEMENT, "kernel max_pool_backward %dx%dx%dx%d %s, %s",
              xs.n, xs.c, xs.h, xs.w, layout_name(xs.nhwc), names[values]);
    array_free(&x);
    array_free(&y);
    array_free(&dy);
    array_free(&dx);
    free(maxima);
    free(reference);
    free(size);
    free(absolute);
}

static void check_average_pool(struct shape xs)
{
    const struct pooling pooling = {"average", CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING,
                                    xs.h > xs.w ? xs.h : xs.w, 0, 1};
    const struct shape ys = {xs.n, xs.c, 1, 1, xs.nhwc};
    struct array dy = array_random(shape_count(ys), -1.0f, 1.0f);
    struct array dx = array_poisoned(shape_count(xs));
    double *reference = reference_new(dx.count);
    struct array x = array_random(dx.count, -1.0f, 1.0f); /* an average's gradient is without it */

    pooling_loops(&pooling, xs, ys, x.host, dy.host, 1.0, reference);
    MUST_CUDA(launch_average_pool_backward(
        &(struct average_pool_backward_args){.dy = dy.device,
                                             .dx = dx.device,
                                             .count = (uint32_t)dx.count,
                                             .inner = xs.nhwc ? (uint32_t)xs.c : 1,
                                             .area = (uint32_t)(xs.h * xs.w)},
        NULL));
    check_close(&dx, reference, BOUND_ELEMENT, "kernel average_pool_backward %dx%dx%dx%d %s", xs.n,
                xs.c, xs.h, xs.w, layout_name(xs.nhwc));
    array_free(&dy);
    array_free(&dx);
    array_free(&x);
    free(reference);
}

void test_layer_kernels(void)
{
    static const uint32_t counts[] = {1, 3, 4, 1023, 1024, 1025, 70001};
    static const int sides[][2] = {{1, 1}, {2, 1}, {1, 5}, {5, 6}, {7, 9}, {33, 32}};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        for (size_t first = 0; first < 5; first += 2) /* 4 is at a multiple of 16 bytes again */
            check_add_relu(counts[i], first);
    for (int nhwc = 0; nhwc < 2; nhwc++)
        for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
            const struct shape shape = {3, 5, sides[i][0], sides[i][1], nhwc};

            for (enum values values = 0; values < VALUES_KINDS; values++)
                check_max_pool(shape, values);
            check_average_pool(shape);
        }
}
