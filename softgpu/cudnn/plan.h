/*
 * A plan is a oneDNN primitive with what it takes to run it on operands in the program's layouts.
 *
 * oneDNN runs fastest in layouts of its own (and falls to a reference kernel in some of the
 * program's), so an operand may be declared in the program's layout while the primitive picks its
 * own: then it is copied into the workspace before, or out of it after, by a reorder. Making a
 * primitive compiles code, so plans are kept in the handle, found by everything they depend on.
 */
#ifndef SOFTGPU_CUDNN_PLAN_H
#define SOFTGPU_CUDNN_PLAN_H

#include "descriptors.h"
#include "handle.h"

#include <stdint.h>
#include <uthash.h>

enum plan_kind {
    PLAN_CONVOLUTION_FORWARD = 1,
    PLAN_CONVOLUTION_BACKWARD_DATA,
    PLAN_CONVOLUTION_BACKWARD_FILTER,
    PLAN_BATCH_NORM_TRAINING,
    PLAN_BATCH_NORM_INFERENCE,
    PLAN_BATCH_NORM_BACKWARD,
    PLAN_POOLING_FORWARD,
    PLAN_POOLING_BACKWARD,
    PLAN_ACTIVATION_FORWARD,
    PLAN_ACTIVATION_BACKWARD,
    PLAN_SOFTMAX_FORWARD,
    PLAN_SOFTMAX_BACKWARD
};

/* All that a plan depends on. Start from {.kind = ...} and add numbers; no padding. */
struct plan_key {
    int32_t kind;
    int32_t count;
    int32_t number[62];
};

void key_add(struct plan_key *key, int count, const int number[]);
void key_add_float(struct plan_key *key, float number);
void key_add_tensor(struct plan_key *key, const struct cudnnTensorStruct *tensor);

#define PLAN_OPERANDS_MAX 10

/* One operand as the caller of plan_make declares it. */
struct plan_operand {
    int arg; /* DNNL_ARG_* */
    bool output;
    const dnnl_memory_desc_t *layout; /* the program's; NULL: the primitive's own */
};

struct plan;

/* NULL if there is none yet. */
struct plan *plan_find(cudnnHandle_t handle, const struct plan_key *key);

/*
 * Makes the plan of `descriptor` (any dnnl_*_desc_t) and keeps it under `key`. `hint` is the
 * forward primitive's descriptor that a backward one must fit, or NULL. NULL, after a line on
 * stderr in `function`'s name, if oneDNN has no such primitive.
 */
struct plan *plan_make(const char *function, cudnnHandle_t handle, const struct plan_key *key,
                       const void *descriptor, const_dnnl_primitive_desc_t hint, int n_operands,
                       const struct plan_operand operands[]);

/* Bytes of workspace that plan_run needs: copies of operands, then oneDNN's scratchpad. */
size_t plan_workspace_bytes(const struct plan *plan);

/* Bytes of operand i in the layout that plan_run takes it in. */
size_t plan_operand_bytes(const struct plan *plan, int i);

/*
 * Runs the plan on pointers[n_operands], in the order of plan_make, at once in this thread and
 * OpenMP's. `workspace` NULL: the handle's scratch memory is used instead.
 */
cudnnStatus_t plan_run(const char *function, cudnnHandle_t handle, struct plan *plan,
                       void *const pointers[], void *workspace);

void plans_free(cudnnHandle_t handle);

/* oneDNN's name for the layout of a tensor. */
dnnl_memory_desc_t tensor_layout(const struct cudnnTensorStruct *tensor);

/* The same dimensions in a layout that the primitive may choose. */
dnnl_memory_desc_t tensor_any_layout(const struct cudnnTensorStruct *tensor);

#endif
