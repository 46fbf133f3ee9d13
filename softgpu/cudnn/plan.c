/* Plans: oneDNN primitives, the reorders around them, and the table that keeps them. */
#include "plan.h"

#include "status.h"

#include <stdlib.h>
#include <string.h>

#define WORKSPACE_ALIGNMENT ((size_t)64)

struct operand {
    int arg;
    bool output;
    size_t bytes;        /* in the program's layout */
    dnnl_memory_t given; /* the program's pointer */
    dnnl_memory_t used;  /* what the primitive works on; the same as `given` without a reorder */
    dnnl_primitive_t reorder; /* NULL if the layouts agree */
    size_t offset;            /* of `used` in the workspace, with a reorder */
};

struct plan {
    struct plan_key key;
    dnnl_primitive_t primitive;
    int n_operands;
    struct operand operand[PLAN_OPERANDS_MAX];
    dnnl_memory_t scratchpad; /* NULL if none is needed */
    size_t scratchpad_offset;
    size_t workspace_bytes;
    UT_hash_handle hh;
};

void key_add(struct plan_key *key, int count, const int number[])
{
    for (int i = 0; i < count && key->count < (int)(sizeof(key->number) / sizeof(key->number[0]));
         i++)
        key->number[key->count++] = number[i];
}

void key_add_float(struct plan_key *key, float number)
{
    int bits;

    memcpy(&bits, &number, sizeof(bits));
    key_add(key, 1, &bits);
}

void key_add_tensor(struct plan_key *key, const struct cudnnTensorStruct *tensor)
{
    key_add(key, 1, &tensor->nb_dims);
    key_add(key, tensor->nb_dims, tensor->dim);
    key_add(key, tensor->nb_dims, tensor->stride);
}

dnnl_memory_desc_t tensor_layout(const struct cudnnTensorStruct *tensor)
{
    dnnl_memory_desc_t layout;
    dnnl_dims_t dims;
    dnnl_dims_t strides;

    for (int i = 0; i < tensor->nb_dims; i++) {
        dims[i] = tensor->dim[i];
        strides[i] = tensor->stride[i];
    }
    dnnl_memory_desc_init_by_strides(&layout, tensor->nb_dims, dims, dnnl_f32, strides);
    return layout;
}

dnnl_memory_desc_t tensor_any_layout(const struct cudnnTensorStruct *tensor)
{
    dnnl_memory_desc_t layout;
    dnnl_dims_t dims;

    for (int i = 0; i < tensor->nb_dims; i++)
        dims[i] = tensor->dim[i];
    dnnl_memory_desc_init_by_tag(&layout, tensor->nb_dims, dims, dnnl_f32, dnnl_format_tag_any);
    return layout;
}

struct plan *plan_find(cudnnHandle_t handle, const struct plan_key *key)
{
    struct plan *plan;

    HASH_FIND(hh, handle->plans, key, sizeof(*key), plan);
    return plan;
}

static void plan_free(struct plan *plan)
{
    for (int i = 0; i < plan->n_operands; i++) {
        struct operand *operand = &plan->operand[i];

        if (operand->used != operand->given)
            dnnl_memory_destroy(operand->used);
        dnnl_memory_destroy(operand->given);
        dnnl_primitive_destroy(operand->reorder);
    }
    dnnl_memory_destroy(plan->scratchpad);
    dnnl_primitive_destroy(plan->primitive);
    free(plan);
}

void plans_free(cudnnHandle_t handle)
{
    struct plan *plan;
    struct plan *next;

    HASH_ITER(hh, handle->plans, plan, next)
    {
        HASH_DEL(handle->plans, plan);
        plan_free(plan);
    }
}

/* Takes `bytes` at the end of the workspace; returns where they begin. */
static size_t workspace_take(struct plan *plan, size_t bytes)
{
    size_t offset = plan->workspace_bytes;

    plan->workspace_bytes +=
        (bytes + WORKSPACE_ALIGNMENT - 1) / WORKSPACE_ALIGNMENT * WORKSPACE_ALIGNMENT;
    return offset;
}

static dnnl_status_t make_reorder(dnnl_primitive_t *reorder, dnnl_engine_t engine,
                                  const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to)
{
    dnnl_primitive_desc_t descriptor;
    dnnl_status_t status =
        dnnl_reorder_primitive_desc_create(&descriptor, from, engine, to, engine, NULL);

    if (status != dnnl_success)
        return status;
    status = dnnl_primitive_create(reorder, descriptor);
    dnnl_primitive_desc_destroy(descriptor);
    return status;
}

static dnnl_status_t make_operand(struct plan *plan, struct operand *operand, dnnl_engine_t engine,
                                  const dnnl_memory_desc_t *used, const dnnl_memory_desc_t *given)
{
    dnnl_status_t status;

    operand->bytes = dnnl_memory_desc_get_size(given);
    status = dnnl_memory_create(&operand->given, given, engine, DNNL_MEMORY_NONE);
    operand->used = operand->given;
    if (status != dnnl_success || dnnl_memory_desc_equal(used, given))
        return status;
    operand->used = NULL;
    operand->offset = workspace_take(plan, dnnl_memory_desc_get_size(used));
    status = dnnl_memory_create(&operand->used, used, engine, DNNL_MEMORY_NONE);
    if (status != dnnl_success)
        return status;
    return operand->output ? make_reorder(&operand->reorder, engine, used, given)
                           : make_reorder(&operand->reorder, engine, given, used);
}

static dnnl_status_t fill_plan(struct plan *plan, dnnl_engine_t engine,
                               const_dnnl_primitive_desc_t descriptor, int n_operands,
                               const struct plan_operand operands[])
{
    const dnnl_memory_desc_t *scratchpad;
    dnnl_status_t status = dnnl_primitive_create(&plan->primitive, descriptor);

    for (int i = 0; i < n_operands && status == dnnl_success; i++) {
        struct operand *operand = &plan->operand[i];
        const dnnl_memory_desc_t *used =
            dnnl_primitive_desc_query_md(descriptor, dnnl_query_exec_arg_md, operands[i].arg);

        operand->arg = operands[i].arg;
        operand->output = operands[i].output;
        plan->n_operands = i + 1;
        status = make_operand(plan, operand, engine, used,
                              operands[i].layout != NULL ? operands[i].layout : used);
    }
    if (status != dnnl_success)
        return status;
    scratchpad = dnnl_primitive_desc_query_md(descriptor, dnnl_query_scratchpad_md, 0);
    if (scratchpad != NULL && dnnl_memory_desc_get_size(scratchpad) > 0) {
        plan->scratchpad_offset = workspace_take(plan, dnnl_memory_desc_get_size(scratchpad));
        status = dnnl_memory_create(&plan->scratchpad, scratchpad, engine, DNNL_MEMORY_NONE);
    }
    if (plan->workspace_bytes > 0) /* the caller's pointer may have any alignment */
        plan->workspace_bytes += WORKSPACE_ALIGNMENT;
    return status;
}

struct plan *plan_make(const char *function, cudnnHandle_t handle, const struct plan_key *key,
                       const void *descriptor, const_dnnl_primitive_desc_t hint, int n_operands,
                       const struct plan_operand operands[])
{
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t primitive = NULL;
    struct plan *plan = calloc(1, sizeof(*plan));
    dnnl_status_t status = plan != NULL ? dnnl_success : dnnl_out_of_memory;

    if (status == dnnl_success)
        status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status =
            dnnl_primitive_desc_create(&primitive, descriptor, attributes, handle->engine, hint);
    if (status == dnnl_success)
        status = fill_plan(plan, handle->engine, primitive, n_operands, operands);
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attributes);
    if (status != dnnl_success) {
        refuse(CUDNN_STATUS_NOT_SUPPORTED, function,
               "oneDNN has no primitive for these shapes and layouts (its status %d)", (int)status);
        if (plan != NULL)
            plan_free(plan);
        return NULL;
    }
    plan->key = *key;
    HASH_ADD(hh, handle->plans, key, sizeof(plan->key), plan);
    return plan;
}

size_t plan_workspace_bytes(const struct plan *plan) { return plan->workspace_bytes; }

size_t plan_operand_bytes(const struct plan *plan, int i) { return plan->operand[i].bytes; }

static dnnl_status_t reorder(const struct operand *operand, dnnl_stream_t queue, bool out)
{
    const dnnl_exec_arg_t args[] = {
        {DNNL_ARG_FROM, out ? operand->used : operand->given},
        {DNNL_ARG_TO, out ? operand->given : operand->used},
    };

    return dnnl_primitive_execute(operand->reorder, queue, 2, args);
}

cudnnStatus_t plan_run(const char *function, cudnnHandle_t handle, struct plan *plan,
                       void *const pointers[], void *workspace)
{
    dnnl_exec_arg_t args[PLAN_OPERANDS_MAX + 1];
    dnnl_status_t status = dnnl_success;
    int n_args = plan->n_operands;
    char *base;

    if (workspace == NULL && plan->workspace_bytes > 0)
        workspace = handle_scratch(handle, SCRATCH_PRIMITIVE, plan->workspace_bytes);
    if (workspace == NULL && plan->workspace_bytes > 0)
        return refuse(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, function,
                      "no memory for a scratchpad of %zu bytes", plan->workspace_bytes);
    base = (char *)workspace + (-(uintptr_t)workspace & (WORKSPACE_ALIGNMENT - 1));
    for (int i = 0; i < plan->n_operands && status == dnnl_success; i++) {
        const struct operand *operand = &plan->operand[i];

        status = dnnl_memory_set_data_handle(operand->given, pointers[i]);
        if (status == dnnl_success && operand->reorder != NULL) {
            status = dnnl_memory_set_data_handle(operand->used, base + operand->offset);
            if (status == dnnl_success && !operand->output)
                status = reorder(operand, handle->queue, false);
        }
        args[i] = (dnnl_exec_arg_t){operand->arg, operand->used};
    }
    if (status == dnnl_success && plan->scratchpad != NULL) {
        status = dnnl_memory_set_data_handle(plan->scratchpad, base + plan->scratchpad_offset);
        args[n_args++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, plan->scratchpad};
    }
    if (status == dnnl_success)
        status = dnnl_primitive_execute(plan->primitive, handle->queue, n_args, args);
    for (int i = 0; i < plan->n_operands && status == dnnl_success; i++)
        if (plan->operand[i].output && plan->operand[i].reorder != NULL)
            status = reorder(&plan->operand[i], handle->queue, true);
    if (status == dnnl_success)
        status = dnnl_stream_wait(handle->queue);
    if (status != dnnl_success)
        return refuse(CUDNN_STATUS_EXECUTION_FAILED, function, "oneDNN's status %d", (int)status);
    return CUDNN_STATUS_SUCCESS;
}
