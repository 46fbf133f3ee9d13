/* Activations, AddTensor, OpTensor, SetTensor, ScaleTensor, TransformTensor, ReduceTensor. */
#include "ops.h"

#include <math.h>
#include <stdlib.h>

struct activation {
    cudnnActivationMode_t mode;
    const char *name;
};

static double activate(cudnnActivationMode_t mode, double x)
{
    switch (mode) {
    case CUDNN_ACTIVATION_SIGMOID:
        return 1.0 / (1.0 + exp(-x));
    case CUDNN_ACTIVATION_TANH:
        return tanh(x);
    default:
        return x > 0.0 ? x : 0.0;
    }
}

/* By the result. */
static double slope(cudnnActivationMode_t mode, double y)
{
    switch (mode) {
    case CUDNN_ACTIVATION_SIGMOID:
        return y * (1.0 - y);
    case CUDNN_ACTIVATION_TANH:
        return 1.0 - y * y;
    default:
        return y > 0.0 ? 1.0 : 0.0;
    }
}

static void check_activation(const struct activation *a, bool nhwc, float alpha, float beta)
{
    const struct shape shape = {2, 19, 7, 5, nhwc};
    const char *name = layout_name(nhwc);
    cudnnTensorDescriptor_t desc = shape_descriptor(shape);
    cudnnActivationDescriptor_t activation;
    struct array x = array_random(shape_count(shape), -2.0f, 2.0f);
    struct array y = beta == 0.0f ? array_poisoned(x.count) : array_random(x.count, -1.0f, 1.0f);
    struct array made = array_poisoned(x.count); /* activation(x), for the backward pass */
    struct array dy = array_random(x.count, -1.0f, 1.0f);
    struct array dx = beta == 0.0f ? array_poisoned(x.count) : array_random(x.count, -1.0f, 1.0f);
    double *ref_y = reference_new(x.count);
    double *ref_dx = reference_new(x.count);

    for (size_t i = 0; i < x.count; i++) {
        const double result = activate(a->mode, x.host[i]);

        made.host[i] = (float)result;
        ref_y[i] = alpha * result + (beta == 0.0f ? 0.0 : (double)beta * y.host[i]);
        ref_dx[i] = alpha * dy.host[i] * slope(a->mode, made.host[i]) +
                    (beta == 0.0f ? 0.0 : (double)beta * dx.host[i]);
    }
    array_upload(&made);
    MUST_CUDNN(cudnnCreateActivationDescriptor(&activation));
    MUST_CUDNN(cudnnSetActivationDescriptor(activation, a->mode, CUDNN_NOT_PROPAGATE_NAN, 0.0));
    TRY_CUDNN(
        cudnnActivationForward(cudnn, activation, &alpha, desc, x.device, &beta, desc, y.device));
    TRY_CUDNN(cudnnActivationBackward(cudnn, activation, &alpha, desc, made.device, desc, dy.device,
                                      desc, x.device, &beta, desc, dx.device));
    check_close(&y, ref_y, BOUND_ELEMENT, "activation %s forward %s, alpha %g beta %g", a->name,
                name, alpha, beta);
    check_close(&dx, ref_dx, BOUND_ELEMENT, "activation %s backward %s, alpha %g beta %g", a->name,
                name, alpha, beta);
    if (alpha == 1.0f && beta == 0.0f) { /* y in x's place, dx in dy's */
        TRY_CUDNN(cudnnActivationForward(cudnn, activation, &alpha, desc, x.device, &beta, desc,
                                         x.device));
        TRY_CUDNN(cudnnActivationBackward(cudnn, activation, &alpha, desc, made.device, desc,
                                          dy.device, desc, made.device, &beta, desc, dy.device));
        check_close(&x, ref_y, BOUND_ELEMENT, "activation %s forward in place %s", a->name, name);
        check_close(&dy, ref_dx, BOUND_ELEMENT, "activation %s backward in place %s", a->name,
                    name);
    }
    MUST_CUDNN(cudnnDestroyActivationDescriptor(activation));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(desc));
    array_free(&x);
    array_free(&y);
    array_free(&made);
    array_free(&dy);
    array_free(&dx);
    free(ref_y);
    free(ref_dx);
}

/* C = alpha * A + beta * C, A of C's dimensions or one number a channel. */
static void check_add(bool nhwc, bool bias, float alpha, float beta)
{
    const struct shape shape = {3, 6, 5, 7, nhwc};
    const struct shape a_shape = bias ? (struct shape){1, 6, 1, 1, nhwc} : shape;
    cudnnTensorDescriptor_t c_desc = shape_descriptor(shape);
    cudnnTensorDescriptor_t a_desc = shape_descriptor(a_shape);
    struct array a = array_random(shape_count(a_shape), -1.0f, 1.0f);
    struct array c = beta == 0.0f ? array_poisoned(shape_count(shape))
                                  : array_random(shape_count(shape), -1.0f, 1.0f);
    double *reference = reference_new(c.count);

    for (int n = 0; n < shape.n; n++)
        for (int k = 0; k < shape.c; k++)
            for (int h = 0; h < shape.h; h++)
                for (int w = 0; w < shape.w; w++) {
                    const size_t at = shape_at(shape, n, k, h, w);

                    reference[at] = (double)alpha * a.host[bias ? (size_t)k : at] +
                                    (beta == 0.0f ? 0.0 : (double)beta * c.host[at]);
                }
    TRY_CUDNN(cudnnAddTensor(cudnn, &alpha, a_desc, a.device, &beta, c_desc, c.device));
    check_close(&c, reference, BOUND_ELEMENT, "add %s %s, alpha %g beta %g",
                bias ? "a bias" : "tensors", layout_name(nhwc), alpha, beta);
    array_free(&a);
    array_free(&c);
    free(reference);
    MUST_CUDNN(cudnnDestroyTensorDescriptor(a_desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(c_desc));
}

static void check_op(cudnnOpTensorOp_t op, const char *name, bool broadcast, float beta)
{
    const struct shape shape = {3, 6, 5, 7, false};
    const struct shape b_shape = broadcast ? (struct shape){1, 6, 1, 1, false} : shape;
    const float alpha1 = 0.5f;
    const float alpha2 = -1.5f;
    cudnnTensorDescriptor_t desc = shape_descriptor(shape);
    cudnnTensorDescriptor_t b_desc = shape_descriptor(b_shape);
    cudnnOpTensorDescriptor_t op_desc;
    struct array a = array_random(shape_count(shape), -1.0f, 1.0f);
    struct array b = array_random(shape_count(b_shape), -1.0f, 1.0f);
    struct array c = beta == 0.0f ? array_poisoned(a.count) : array_random(a.count, -1.0f, 1.0f);
    double *reference = reference_new(c.count);
    const size_t plane = (size_t)shape.h * (size_t)shape.w;

    for (size_t i = 0; i < c.count; i++) {
        const double first = (double)alpha1 * a.host[i];
        const double second = (double)alpha2 * b.host[broadcast ? i / plane % (size_t)shape.c : i];

        reference[i] = op == CUDNN_OP_TENSOR_ADD   ? first + second
                       : op == CUDNN_OP_TENSOR_MUL ? first * second
                       : op == CUDNN_OP_TENSOR_MIN ? fmin(first, second)
                                                   : fmax(first, second);
        reference[i] += beta == 0.0f ? 0.0 : (double)beta * c.host[i];
    }
    MUST_CUDNN(cudnnCreateOpTensorDescriptor(&op_desc));
    MUST_CUDNN(cudnnSetOpTensorDescriptor(op_desc, op, CUDNN_DATA_FLOAT, CUDNN_NOT_PROPAGATE_NAN));
    TRY_CUDNN(cudnnOpTensor(cudnn, op_desc, &alpha1, desc, a.device, &alpha2, b_desc, b.device,
                            &beta, desc, c.device));
    check_close(&c, reference, BOUND_ELEMENT, "op tensor %s%s, beta %g", name,
                broadcast ? " broadcast" : "", beta);
    array_free(&a);
    array_free(&b);
    array_free(&c);
    free(reference);
    MUST_CUDNN(cudnnDestroyOpTensorDescriptor(op_desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(b_desc));
}

static void check_set_scale_transform(void)
{
    const struct shape nchw = {2, 5, 4, 3, false};
    const struct shape nhwc = {2, 5, 4, 3, true};
    const float value = 3.25f;
    const float factor = -0.5f;
    const float one = 1.0f;
    const float zero = 0.0f;
    cudnnTensorDescriptor_t from = shape_descriptor(nchw);
    cudnnTensorDescriptor_t to = shape_descriptor(nhwc);
    struct array x = array_random(shape_count(nchw), -1.0f, 1.0f);
    struct array y = array_poisoned(x.count);
    double *reference = reference_new(x.count);

    for (int n = 0; n < nchw.n; n++)
        for (int c = 0; c < nchw.c; c++)
            for (int h = 0; h < nchw.h; h++)
                for (int w = 0; w < nchw.w; w++)
                    reference[shape_at(nhwc, n, c, h, w)] = x.host[shape_at(nchw, n, c, h, w)];
    TRY_CUDNN(cudnnTransformTensor(cudnn, &one, from, x.device, &zero, to, y.device));
    check_close(&y, reference, BOUND_ELEMENT, "transform nchw to nhwc");
    for (size_t i = 0; i < y.count; i++)
        reference[i] *= factor;
    TRY_CUDNN(cudnnScaleTensor(cudnn, to, y.device, &factor));
    check_close(&y, reference, BOUND_ELEMENT, "scale tensor");
    for (size_t i = 0; i < y.count; i++)
        reference[i] = value;
    TRY_CUDNN(cudnnSetTensor(cudnn, to, y.device, &value));
    check_close(&y, reference, BOUND_ELEMENT, "set tensor");
    array_free(&x);
    array_free(&y);
    free(reference);
    MUST_CUDNN(cudnnDestroyTensorDescriptor(from));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(to));
}

/* C = alpha * reduce(A over N, H, W) + beta * C */
static void check_reduce(cudnnReduceTensorOp_t op, const char *name, bool nhwc, float beta)
{
    const struct shape shape = {3, 6, 5, 7, nhwc};
    const double count = 3.0 * 5.0 * 7.0;
    const float alpha = 0.5f;
    cudnnTensorDescriptor_t a_desc = shape_descriptor(shape);
    cudnnTensorDescriptor_t c_desc = shape_descriptor((struct shape){1, 6, 1, 1, nhwc});
    cudnnReduceTensorDescriptor_t reduce;
    struct array a = array_random(shape_count(shape), -1.0f, 1.0f);
    struct array c = beta == 0.0f ? array_poisoned(6) : array_random(6, -1.0f, 1.0f);
    double *reference = reference_new(c.count);
    size_t bytes = 0;
    struct array workspace;

    for (int k = 0; k < shape.c; k++) {
        double sum = op == CUDNN_REDUCE_TENSOR_MAX ? -INFINITY : 0.0;

        for (int n = 0; n < shape.n; n++)
            for (int h = 0; h < shape.h; h++)
                for (int w = 0; w < shape.w; w++) {
                    const double value = a.host[shape_at(shape, n, k, h, w)];

                    if (op == CUDNN_REDUCE_TENSOR_MAX)
                        sum = fmax(sum, value);
                    else
                        sum += op == CUDNN_REDUCE_TENSOR_NORM2 ? value * value : value;
                }
        if (op == CUDNN_REDUCE_TENSOR_AVG)
            sum /= count;
        if (op == CUDNN_REDUCE_TENSOR_NORM2)
            sum = sqrt(sum);
        reference[k] = alpha * sum + (beta == 0.0f ? 0.0 : (double)beta * c.host[k]);
    }
    MUST_CUDNN(cudnnCreateReduceTensorDescriptor(&reduce));
    MUST_CUDNN(cudnnSetReduceTensorDescriptor(reduce, op, CUDNN_DATA_FLOAT, CUDNN_NOT_PROPAGATE_NAN,
                                              CUDNN_REDUCE_TENSOR_NO_INDICES, CUDNN_32BIT_INDICES));
    TRY_CUDNN(cudnnGetReductionWorkspaceSize(cudnn, reduce, a_desc, c_desc, &bytes));
    workspace = array_poisoned((bytes + 3) / 4);
    TRY_CUDNN(cudnnReduceTensor(cudnn, reduce, NULL, 0, workspace.device, bytes, &alpha, a_desc,
                                a.device, &beta, c_desc, c.device));
    check_close(&c, reference, BOUND_SUM, "reduce %s %s, beta %g", name, layout_name(nhwc), beta);
    array_free(&a);
    array_free(&c);
    array_free(&workspace);
    free(reference);
    MUST_CUDNN(cudnnDestroyReduceTensorDescriptor(reduce));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(a_desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(c_desc));
}

void test_elementwise(void)
{
    static const struct activation activations[] = {{CUDNN_ACTIVATION_RELU, "relu"},
                                                    {CUDNN_ACTIVATION_SIGMOID, "sigmoid"},
                                                    {CUDNN_ACTIVATION_TANH, "tanh"}};

    for (int nhwc = 0; nhwc < 2; nhwc++) {
        for (size_t i = 0; i < sizeof(activations) / sizeof(activations[0]); i++) {
            check_activation(&activations[i], nhwc, 1.0f, 0.0f);
            check_activation(&activations[i], nhwc, 0.5f, -0.75f);
        }
        for (int bias = 0; bias < 2; bias++) {
            check_add(nhwc, bias, 1.0f, 0.0f);
            check_add(nhwc, bias, 1.0f, 1.0f);
            check_add(nhwc, bias, 0.5f, -0.75f);
        }
        check_reduce(CUDNN_REDUCE_TENSOR_ADD, "add", nhwc, 0.0f);
        check_reduce(CUDNN_REDUCE_TENSOR_ADD, "add", nhwc, -0.75f);
        check_reduce(CUDNN_REDUCE_TENSOR_AVG, "average", nhwc, 0.0f);
        check_reduce(CUDNN_REDUCE_TENSOR_MAX, "maximum", nhwc, 0.0f);
        check_reduce(CUDNN_REDUCE_TENSOR_NORM2, "norm", nhwc, 0.0f);
    }
    for (int broadcast = 0; broadcast < 2; broadcast++) {
        check_op(CUDNN_OP_TENSOR_ADD, "add", broadcast, 0.0f);
        check_op(CUDNN_OP_TENSOR_ADD, "add", broadcast, 0.25f);
        check_op(CUDNN_OP_TENSOR_MUL, "mul", broadcast, 0.0f);
        check_op(CUDNN_OP_TENSOR_MIN, "min", broadcast, 0.0f);
        check_op(CUDNN_OP_TENSOR_MAX, "max", broadcast, 0.0f);
    }
    check_set_scale_transform();
}
