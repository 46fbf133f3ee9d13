/* The workload's own kernels, launched as the workload does. */
#include "ops.h"

#include "workload/kernels/kernels.h"

#include <math.h>
#include <stdlib.h>

static const uint32_t sizes[] = {1, 31, 1023, 1024, 1025, 70000}; /* of tensors, in elements */
#define TENSORS (sizeof(sizes) / sizeof(sizes[0]))

/* first_chunk[TENSORS + 1] as the update kernels want it. */
static void count_chunks(uint32_t *count, uint32_t *first_chunk)
{
    first_chunk[0] = 0;
    for (size_t t = 0; t < TENSORS; t++) {
        count[t] = sizes[t];
        first_chunk[t + 1] = first_chunk[t] + (sizes[t] + KERNEL_CHUNK - 1) / KERNEL_CHUNK;
    }
}

static void check_cross_entropy(uint32_t rows, uint32_t classes)
{
    struct array log_prob = array_random((size_t)rows * classes, -8.0f, -0.1f);
    struct array losses = array_poisoned(rows);
    struct array gradient = array_poisoned(log_prob.count);
    double *ref_losses = reference_new(losses.count);
    double *ref_gradient = reference_new(gradient.count);
    int32_t *label = malloc(rows * sizeof(*label));
    void *device_label;

    if (label == NULL)
        bail_out(__FILE__, __LINE__, "malloc", "no memory");
    for (uint32_t i = 0; i < rows; i++) {
        label[i] = (int32_t)random_below(classes);
        ref_losses[i] = -(double)log_prob.host[i * classes + (uint32_t)label[i]];
        for (uint32_t k = 0; k < classes; k++)
            ref_gradient[i * classes + k] =
                (exp((double)log_prob.host[i * classes + k]) - (k == (uint32_t)label[i])) / rows;
    }
    MUST_CUDA(cudaMalloc(&device_label, rows * sizeof(*label)));
    MUST_CUDA(cudaMemcpy(device_label, label, rows * sizeof(*label), cudaMemcpyHostToDevice));
    MUST_CUDA(launch_cross_entropy_forward(
        &(struct cross_entropy_forward_args){.log_prob = log_prob.device,
                                             .label = device_label,
                                             .losses = losses.device,
                                             .rows = rows,
                                             .classes = classes},
        NULL));
    MUST_CUDA(launch_cross_entropy_backward(
        &(struct cross_entropy_backward_args){.log_prob = log_prob.device,
                                              .label = device_label,
                                              .d_logits = gradient.device,
                                              .rows = rows,
                                              .classes = classes},
        NULL));
    check_close(&losses, ref_losses, BOUND_ELEMENT, "kernel cross_entropy_forward %ux%u", rows,
                classes);
    check_close(&gradient, ref_gradient, BOUND_ELEMENT, "kernel cross_entropy_backward %ux%u", rows,
                classes);
    array_free(&log_prob);
    array_free(&losses);
    array_free(&gradient);
    free(ref_losses);
    free(ref_gradient);
    free(label);
    MUST_CUDA(cudaFree(device_label));
}

static void check_sgd(bool first, float mu)
{
    struct sgd_update_args args = {
        .tensors = TENSORS, .first = first, .lr = 0.1f, .mu = mu, .weight_decay = 0.05f};
    struct array parameter[TENSORS];
    struct array gradient[TENSORS];
    struct array momentum[TENSORS];
    double *ref_parameter[TENSORS];
    double *ref_momentum[TENSORS];
    double *size_parameter[TENSORS]; /* sums of the absolute values of the terms */
    double *size_momentum[TENSORS];

    count_chunks(args.count, args.first_chunk);
    for (size_t t = 0; t < TENSORS; t++) {
        parameter[t] = array_random(sizes[t], -1.0f, 1.0f);
        gradient[t] = array_random(sizes[t], -1.0f, 1.0f);
        momentum[t] =
            first || mu == 0.0f ? array_poisoned(sizes[t]) : array_random(sizes[t], -1.0f, 1.0f);
        ref_parameter[t] = reference_new(sizes[t]);
        ref_momentum[t] = reference_new(sizes[t]);
        size_parameter[t] = reference_new(sizes[t]);
        size_momentum[t] = reference_new(sizes[t]);
        for (size_t i = 0; i < sizes[t]; i++) {
            const double p = parameter[t].host[i];
            const double decay = (double)args.weight_decay * p;
            const double kept = first || mu == 0.0f ? 0.0 : (double)mu * momentum[t].host[i];

            ref_momentum[t][i] = kept + gradient[t].host[i] + decay;
            ref_parameter[t][i] = p - (double)args.lr * ref_momentum[t][i];
            size_momentum[t][i] = fabs(kept) + fabs((double)gradient[t].host[i]) + fabs(decay);
            size_parameter[t][i] = fabs(p) + (double)args.lr * size_momentum[t][i];
        }
        args.parameter[t] = parameter[t].device;
        args.gradient[t] = gradient[t].device;
        args.momentum[t] = mu == 0.0f ? NULL : momentum[t].device;
    }
    MUST_CUDA(launch_sgd_update(&args, NULL));
    for (size_t t = 0; t < TENSORS; t++) {
        check_sum(&parameter[t], ref_parameter[t], size_parameter[t], BOUND_ELEMENT,
                  "kernel sgd_update: parameter of %u, momentum %g%s", sizes[t], mu,
                  first ? ", first step" : "");
        if (mu != 0.0f)
            check_sum(&momentum[t], ref_momentum[t], size_momentum[t], BOUND_ELEMENT,
                      "kernel sgd_update: momentum of %u%s", sizes[t], first ? ", first step" : "");
        array_free(&parameter[t]);
        array_free(&gradient[t]);
        array_free(&momentum[t]);
        free(ref_parameter[t]);
        free(ref_momentum[t]);
        free(size_parameter[t]);
        free(size_momentum[t]);
    }
}

static void check_adam(bool first)
{
    struct adam_update_args args = {.tensors = TENSORS,
                                    .first = first,
                                    .step_size = 0.01f,
                                    .correction = 0.25f,
                                    .one_minus_beta1 = 0.1f,
                                    .beta2 = 0.999f,
                                    .one_minus_beta2 = 0.001f,
                                    .eps = 1e-8f,
                                    .weight_decay = 0.05f};
    struct array parameter[TENSORS];
    struct array gradient[TENSORS];
    struct array average[TENSORS];
    struct array squares[TENSORS];
    double *reference[TENSORS][3];
    double *size[TENSORS][3]; /* sums of the absolute values of the terms */

    count_chunks(args.count, args.first_chunk);
    for (size_t t = 0; t < TENSORS; t++) {
        parameter[t] = array_random(sizes[t], -1.0f, 1.0f);
        gradient[t] = array_random(sizes[t], -1.0f, 1.0f);
        average[t] = first ? array_poisoned(sizes[t]) : array_random(sizes[t], -1.0f, 1.0f);
        squares[t] = first ? array_poisoned(sizes[t]) : array_random(sizes[t], 0.0f, 1.0f);
        for (int k = 0; k < 3; k++) {
            reference[t][k] = reference_new(sizes[t]);
            size[t][k] = reference_new(sizes[t]);
        }
        for (size_t i = 0; i < sizes[t]; i++) {
            const double p = parameter[t].host[i];
            const double decay = (double)args.weight_decay * p;
            const double g = gradient[t].host[i] + decay;
            const double size_g = fabs((double)gradient[t].host[i]) + fabs(decay);
            const double m0 = first ? 0.0 : average[t].host[i];
            const double v0 = first ? 0.0 : squares[t].host[i];
            const double m = m0 + (g - m0) * args.one_minus_beta1;
            const double v = args.beta2 * v0 + args.one_minus_beta2 * g * g;
            const double step = args.step_size / (sqrt(v) / args.correction + args.eps);

            reference[t][0][i] = p - step * m;
            reference[t][1][i] = m;
            reference[t][2][i] = v;
            size[t][1][i] = fabs(m0) + (size_g + fabs(m0)) * args.one_minus_beta1;
            size[t][2][i] = args.beta2 * v0 + args.one_minus_beta2 * size_g * size_g;
            size[t][0][i] = fabs(p) + step * size[t][1][i];
        }
        args.parameter[t] = parameter[t].device;
        args.gradient[t] = gradient[t].device;
        args.exp_avg[t] = average[t].device;
        args.exp_avg_sq[t] = squares[t].device;
    }
    MUST_CUDA(launch_adam_update(&args, NULL));
    for (size_t t = 0; t < TENSORS; t++) {
        const char *when = first ? ", first step" : "";

        check_sum(&parameter[t], reference[t][0], size[t][0], BOUND_ELEMENT,
                  "kernel adam_update: parameter of %u%s", sizes[t], when);
        check_sum(&average[t], reference[t][1], size[t][1], BOUND_ELEMENT,
                  "kernel adam_update: exp_avg of %u%s", sizes[t], when);
        check_sum(&squares[t], reference[t][2], size[t][2], BOUND_ELEMENT,
                  "kernel adam_update: exp_avg_sq of %u%s", sizes[t], when);
        array_free(&parameter[t]);
        array_free(&gradient[t]);
        array_free(&average[t]);
        array_free(&squares[t]);
        for (int k = 0; k < 3; k++) {
            free(reference[t][k]);
            free(size[t][k]);
        }
    }
}

void test_kernels(void)
{
    check_cross_entropy(64, 1000);
    check_cross_entropy(1, 10);
    check_sgd(true, 0.9f);
    check_sgd(false, 0.9f);
    check_sgd(false, 0.0f);
    check_adam(true);
    check_adam(false);
}
