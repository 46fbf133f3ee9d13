/* Plain loops over tensors of any layout. */
#include "elementwise.h"

#include <stdint.h>

enum {
    C,
    A,
    B,
    OPERANDS
};

/* Loops that visit each element of C once: nested, the last one innermost. */
struct loops {
    int n;
    int64_t count[CUDNN_DIM_MAX];
    int64_t step[OPERANDS][CUDNN_DIM_MAX]; /* elements; 0 where the operand is repeated */
};

struct scales {
    float alpha1;
    float alpha2;
    float beta;
};

#define CHUNK 16384 /* elements; the unit of work of a thread */

static bool broadcasts(const struct cudnnTensorStruct *from, const struct cudnnTensorStruct *to)
{
    if (from->nb_dims != to->nb_dims)
        return false;
    for (int i = 0; i < to->nb_dims; i++)
        if (from->dim[i] != to->dim[i] && from->dim[i] != 1)
            return false;
    return true;
}

/* Whether loop `outer` directly around loop `inner` can be one loop. */
static bool mergeable(const struct loops *loops, int outer, int inner)
{
    for (int k = 0; k < OPERANDS; k++)
        if (loops->step[k][outer] != loops->step[k][inner] * loops->count[inner])
            return false;
    return true;
}

/* Orders C's dimensions by stride and merges those that lie without a gap in all operands. */
static struct loops make_loops(const struct cudnnTensorStruct *const desc[OPERANDS])
{
    struct loops loops = {0};
    int order[CUDNN_DIM_MAX];
    int n = 0;

    for (int i = 0; i < desc[C]->nb_dims; i++) {
        int at = n;

        if (desc[C]->dim[i] == 1)
            continue;
        for (; at > 0 && desc[C]->stride[order[at - 1]] < desc[C]->stride[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
        n++;
    }
    for (int j = 0; j < n; j++) {
        int i = order[j];

        loops.count[loops.n] = desc[C]->dim[i];
        for (int k = 0; k < OPERANDS; k++)
            loops.step[k][loops.n] =
                desc[k] == NULL || desc[k]->dim[i] == 1 ? 0 : desc[k]->stride[i];
        if (loops.n > 0 && mergeable(&loops, loops.n - 1, loops.n)) {
            loops.count[loops.n - 1] *= loops.count[loops.n];
            for (int k = 0; k < OPERANDS; k++)
                loops.step[k][loops.n - 1] = loops.step[k][loops.n];
        } else {
            loops.n++;
        }
    }
    if (loops.n == 0) { /* one element */
        loops.n = 1;
        loops.count[0] = 1;
    }
    return loops;
}

static inline float apply(cudnnOpTensorOp_t op, float a, float b)
{
    switch (op) {
    case CUDNN_OP_TENSOR_MUL:
        return a * b;
    case CUDNN_OP_TENSOR_MIN:
        return a < b ? a : b;
    case CUDNN_OP_TENSOR_MAX:
        return a > b ? a : b;
    default:
        return a + b;
    }
}

/* Inlined with constant `op`, `two` and steps, so that the compiler sees plain loops. */
static inline __attribute__((always_inline)) void
row_loop(cudnnOpTensorOp_t op, bool two, const struct scales *scales, int64_t count,
         const int64_t step[OPERANDS], float *c, const float *a, const float *b)
{
    const float alpha1 = scales->alpha1;
    const float alpha2 = scales->alpha2;
    const float beta = scales->beta;

    if (beta == 0.0f) {
        for (int64_t i = 0; i < count; i++) {
            float first = alpha1 * a[i * step[A]];
            c[i * step[C]] = two ? apply(op, first, alpha2 * b[i * step[B]]) : first;
        }
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        float first = alpha1 * a[i * step[A]];
        float made = two ? apply(op, first, alpha2 * b[i * step[B]]) : first;
        c[i * step[C]] = made + beta * c[i * step[C]];
    }
}

static inline __attribute__((always_inline)) void
row_steps(cudnnOpTensorOp_t op, bool two, const struct scales *scales, int64_t count,
          const int64_t step[OPERANDS], float *c, const float *a, const float *b)
{
    if (step[C] == 1 && step[A] == 1 && step[B] == 1)
        row_loop(op, two, scales, count, (const int64_t[]){1, 1, 1}, c, a, b);
    else if (step[C] == 1 && step[A] == 1 && step[B] == 0)
        row_loop(op, two, scales, count, (const int64_t[]){1, 1, 0}, c, a, b);
    else if (step[C] == 1 && step[A] == 0 && step[B] == 0)
        row_loop(op, two, scales, count, (const int64_t[]){1, 0, 0}, c, a, b);
    else
        row_loop(op, two, scales, count, step, c, a, b);
}

static void row(cudnnOpTensorOp_t op, const struct scales *scales, int64_t count,
                const int64_t step[OPERANDS], float *c, const float *a, const float *b)
{
    if (b == NULL)
        row_steps(CUDNN_OP_TENSOR_ADD, false, scales, count, step, c, a, b);
    else if (op == CUDNN_OP_TENSOR_ADD)
        row_steps(CUDNN_OP_TENSOR_ADD, true, scales, count, step, c, a, b);
    else if (op == CUDNN_OP_TENSOR_MUL)
        row_steps(CUDNN_OP_TENSOR_MUL, true, scales, count, step, c, a, b);
    else if (op == CUDNN_OP_TENSOR_MIN)
        row_steps(CUDNN_OP_TENSOR_MIN, true, scales, count, step, c, a, b);
    else
        row_steps(CUDNN_OP_TENSOR_MAX, true, scales, count, step, c, a, b);
}

cudnnStatus_t tensor_op(cudnnOpTensorOp_t op, float alpha1, const struct cudnnTensorStruct *a_desc,
                        const float *a, float alpha2, const struct cudnnTensorStruct *b_desc,
                        const float *b, float beta, const struct cudnnTensorStruct *c_desc,
                        float *c)
{
    const struct cudnnTensorStruct *desc[OPERANDS] = {[C] = c_desc, [A] = a_desc, [B] = b_desc};
    const struct scales scales = {alpha1, alpha2, beta};
    int64_t step[OPERANDS];
    int64_t rows = 1;
    int64_t chunks;
    struct loops loops;
    int last;

    if (!broadcasts(a_desc, c_desc) || (b_desc != NULL && !broadcasts(b_desc, c_desc)))
        return CUDNN_STATUS_BAD_PARAM;
    if (op > CUDNN_OP_TENSOR_MAX)
        return CUDNN_STATUS_NOT_SUPPORTED;
    if (b_desc == NULL)
        b = NULL;
    loops = make_loops(desc);
    last = loops.n - 1;
    for (int i = 0; i < last; i++)
        rows *= loops.count[i];
    for (int k = 0; k < OPERANDS; k++)
        step[k] = loops.step[k][last];
    chunks = (loops.count[last] + CHUNK - 1) / CHUNK;
#pragma omp parallel for schedule(static) if (rows * loops.count[last] > CHUNK)
    for (int64_t unit = 0; unit < rows * chunks; unit++) {
        int64_t begin = unit % chunks * CHUNK;
        int64_t count = loops.count[last] - begin < CHUNK ? loops.count[last] - begin : CHUNK;
        int64_t offset[OPERANDS];
        int64_t rest = unit / chunks;

        for (int k = 0; k < OPERANDS; k++)
            offset[k] = begin * step[k];
        for (int i = last - 1; i >= 0; i--) {
            int64_t index = rest % loops.count[i];

            rest /= loops.count[i];
            for (int k = 0; k < OPERANDS; k++)
                offset[k] += index * loops.step[k][i];
        }
        row(op, &scales, count, step, c + offset[C], a + offset[A],
            b != NULL ? b + offset[B] : NULL);
    }
    return CUDNN_STATUS_SUCCESS;
}

struct blend blend_begin(cudnnHandle_t handle, const void *alpha, const void *beta,
                         const struct cudnnTensorStruct *desc, void *out)
{
    struct blend blend = {.alpha = *(const float *)alpha,
                          .beta = *(const float *)beta,
                          .desc = desc,
                          .out = out,
                          .result = out};

    if (blend.alpha != 1.0f || blend.beta != 0.0f)
        blend.result =
            handle_scratch(handle, SCRATCH_RESULT, tensor_extent(desc) * sizeof(*blend.result));
    return blend;
}

void blend_end(const struct blend *blend)
{
    if (blend->result != blend->out)
        tensor_op(CUDNN_OP_TENSOR_ADD, blend->alpha, blend->desc, blend->result, 0.0f, NULL, NULL,
                  blend->beta, blend->desc, blend->out);
}
