/*
 * One pass of a 2-D convolution as an execution plan of cuDNN's graph API: made once for its
 * shapes, then run with no more than a few us of host time. Data and sums are fp32. Main thread
 * only; any failure ends the program with one line (fail.h).
 */
#ifndef WORKLOAD_CONV_PLAN_H
#define WORKLOAD_CONV_PLAN_H

#include <cudnn.h>
#include <stdbool.h>
#include <stddef.h>

enum conv_pass {
    CONV_FORWARD,         /* y from x and w */
    CONV_BACKWARD_DATA,   /* x's gradient from w and y's */
    CONV_BACKWARD_FILTER, /* w's gradient from x and y's */
    CONV_PASSES
};

/* All that a plan depends on. x is n x c x h x w, the weights k x c x kernel x kernel, both in one
   layout; y is as large as they make it. */
struct conv_spec {
    enum conv_pass pass;
    int n, c, h, w;
    int k, kernel, stride, pad;
    bool nhwc;
    bool tf32;          /* tensor cores may round the operands to TF32 */
    bool deterministic; /* the same bits each time */
    bool accumulate;    /* the result is added to what is there */
};

struct conv_plan {
    struct conv_spec spec;
    size_t workspace_bytes;
    cudnnBackendDescriptor_t config, plan;
};

/*
 * Takes cuDNN's ranking, and behind it the engines it falls back on: of the first of the two that
 * has an engine that keeps to spec->deterministic and spec->tf32, the best whose workspace is
 * within a limit, else the one with the smallest. A function of the spec, the device and the
 * library.
 */
struct conv_plan *conv_plan_new(cudnnHandle_t handle, const struct conv_spec *spec);
void conv_plan_free(struct conv_plan *plan);

bool conv_spec_equal(const struct conv_spec *a, const struct conv_spec *b);

/*
 * Queues the pass on the handle's stream. x, w and y are device addresses, aligned to 16 bytes: the
 * tensors, or their gradients where the pass reads or makes those. `workspace` has
 * plan->workspace_bytes; NULL if that is 0.
 */
void conv_plan_run(cudnnHandle_t handle, const struct conv_plan *plan, void *x, void *w, void *y,
                   void *workspace);

#endif
