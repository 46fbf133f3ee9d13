/*
 * Convolution through cuDNN's graph API, by the workload's own plans (workload/conv_plan.h): the
 * same loops, layouts and bounds as for the legacy calls.
 */
#include "ops.h"

#include "workload/conv_plan.h"
#include "workload/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The workload gives up with a line and an exit; here that is the end of the test. */
void fail(const char *format, ...)
{
    char text[256];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    bail_out(__FILE__, __LINE__, "conv_plan", text);
}

void fail_call(const char *call, const char *reason) { bail_out(__FILE__, __LINE__, call, reason); }

void *must_alloc(size_t count, size_t bytes)
{
    void *made = calloc(count, bytes);

    if (made == NULL)
        bail_out(__FILE__, __LINE__, "calloc", "no memory");
    return made;
}

static const char *const pass_name[CONV_PASSES] = {"forward", "backward data", "backward filter"};

/* Runs the pass in a workspace full of NaN. */
static void run(const struct conv_plan *plan, const struct array array[3])
{
    struct array workspace = array_poisoned((plan->workspace_bytes + 3) / 4);

    conv_plan_run(cudnn, plan, array[0].device, array[1].device, array[2].device,
                  plan->workspace_bytes > 0 ? workspace.device : NULL);
    array_download(&workspace);
    array_free(&workspace);
}

static void check_pass(struct conv_spec spec)
{
    const struct shape x = {spec.n, spec.c, spec.h, spec.w, spec.nhwc};
    const struct convolution_shape shape =
        convolution_shape(x, spec.k, spec.kernel, spec.stride, spec.pad);
    const struct shape shapes[] = {shape.x, shape.w, shape.y};
    const int out = spec.pass == CONV_FORWARD ? 2 : spec.pass == CONV_BACKWARD_DATA ? 0 : 1;
    struct conv_plan *plan = conv_plan_new(cudnn, &spec);
    struct array array[3];
    double *reference = reference_new(shape_count(shapes[out]));

    for (int i = 0; i < 3; i++)
        array[i] = i == out && !spec.accumulate ? array_poisoned(shape_count(shapes[i]))
                                                : array_random(shape_count(shapes[i]), -1.0f, 1.0f);
    if (spec.accumulate)
        for (size_t i = 0; i < array[out].count; i++)
            reference[i] = array[out].host[i];
    convolution_loops(&shape, out, 1.0, array[0].host, array[1].host, array[2].host, reference);
    run(plan, array);
    check_close(&array[out], reference, BOUND_SUM,
                "graph: convolution %s %dx%dx%dx%d %s, %d filters %dx%d stride %d, beta %d",
                pass_name[spec.pass], x.n, x.c, x.h, x.w, layout_name(x.nhwc), spec.k, spec.kernel,
                spec.kernel, spec.stride, spec.accumulate);
    for (int i = 0; i < 3; i++)
        array_free(&array[i]);
    free(reference);
    conv_plan_free(plan);
}

/* Two plans for one spec are the same, down to the bits of what they make. */
static void check_repeats(void)
{
    const struct conv_spec spec = {.pass = CONV_BACKWARD_FILTER,
                                   .deterministic = true,
                                   .n = 8,
                                   .c = 16,
                                   .h = 14,
                                   .w = 14,
                                   .k = 32,
                                   .kernel = 3,
                                   .stride = 1,
                                   .pad = 1};
    const struct shape x = {8, 16, 14, 14, false};
    const struct convolution_shape shape = convolution_shape(x, 32, 3, 1, 1);
    struct array array[3] = {array_random(shape_count(shape.x), -1.0f, 1.0f),
                             array_poisoned(shape_count(shape.w)),
                             array_random(shape_count(shape.y), -1.0f, 1.0f)};
    struct array first = array[1];
    struct array second = array_poisoned(shape_count(shape.w));

    for (int i = 0; i < 2; i++) {
        struct conv_plan *plan = conv_plan_new(cudnn, &spec);

        run(plan, array);
        conv_plan_free(plan);
        array[1] = second;
    }
    array_download(&first);
    array_download(&second);
    check_true(memcmp((const void *)first.host, (const void *)second.host,
                      first.count * sizeof(float)) == 0,
               "graph: convolution backward filter is the same, bit for bit, by another plan");
    array_free(&array[0]);
    array_free(&array[2]);
    array_free(&first);
    array_free(&second);
}

/* What is wrong is refused, and not finalized. */
static void check_contract(void)
{
    const int64_t number = 1;
    cudnnBackendDescriptor_t tensor = NULL;

    MUST_CUDNN(cudnnBackendCreateDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR, &tensor));
    check_true(cudnnBackendSetAttribute(tensor, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_INT64, 1,
                                        &number) != CUDNN_STATUS_SUCCESS,
               "graph: an attribute of a wrong type is refused");
    check_true(cudnnBackendFinalize(tensor) != CUDNN_STATUS_SUCCESS,
               "graph: a tensor without dimensions is refused");
    MUST_CUDNN(cudnnBackendDestroyDescriptor(tensor));
}

void test_convolution_graph(void)
{
    static const int kernels[] = {1, 3, 7};

    for (int nhwc = 0; nhwc < 2; nhwc++)
        for (int pass = 0; pass < CONV_PASSES; pass++) {
            struct conv_spec spec = {.pass = (enum conv_pass)pass,
                                     .deterministic = true,
                                     .n = 2,
                                     .c = 16,
                                     .h = 14,
                                     .w = 14,
                                     .nhwc = nhwc};

            for (size_t k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++)
                for (int stride = 1; stride <= 2; stride++)
                    for (int add = 0; add < (pass == CONV_BACKWARD_DATA ? 2 : 1); add++) {
                        spec.k = 32;
                        spec.kernel = kernels[k];
                        spec.pad = kernels[k] / 2;
                        spec.stride = stride;
                        spec.accumulate = add;
                        check_pass(spec);
                    }
            /* Channels that are no multiple of a vector, an image that is not square; and the
             * network's first layer. */
            check_pass((struct conv_spec){.pass = (enum conv_pass)pass,
                                          .deterministic = true,
                                          .n = 3,
                                          .c = 5,
                                          .h = 9,
                                          .w = 12,
                                          .k = 7,
                                          .kernel = 3,
                                          .stride = 2,
                                          .pad = 1,
                                          .nhwc = nhwc});
            check_pass((struct conv_spec){.pass = (enum conv_pass)pass,
                                          .deterministic = true,
                                          .n = 2,
                                          .c = 3,
                                          .h = 20,
                                          .w = 20,
                                          .k = 64,
                                          .kernel = 7,
                                          .stride = 2,
                                          .pad = 3,
                                          .nhwc = nhwc});
        }
    check_repeats();
    check_contract();
}
