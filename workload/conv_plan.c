/* See conv_plan.h: the choice of an engine, and running it. */
#include "conv_plan.h"
#include "conv_graph.h"
#include "fail.h"

#include <stdint.h>
#include <stdlib.h>

/*
 * Enough for the fast engines at the batch sizes of one GPU; the bytes count towards the peak, so
 * there is a bound. An engine that works in another layout needs a copy of each operand, which is
 * more than that only where few other activations live: at a network's wide begin.
 */
#define WORKSPACE_LIMIT ((size_t)256 << 20)

static size_t workspace_limit(const struct conv_spec *spec)
{
    const size_t copies = conv_operand_bytes(spec) / 8 * 9; /* an eighth for padding */
    return copies > WORKSPACE_LIMIT ? copies : WORKSPACE_LIMIT;
}

/* Whether the engine is as repeatable and as exact as the spec wants it. */
static bool allowed(cudnnBackendDescriptor_t config, const struct conv_spec *spec)
{
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    int64_t count = 0;
    bool good = true;
    cudnnBackendDescriptor_t engine = backend_new(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    BACKEND_GET(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count,
                &engine);
    BACKEND_GET(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count, notes);
    for (int64_t i = 0; i < count && i < CUDNN_NUMERICAL_NOTE_TYPE_COUNT; i++) {
        if (spec->deterministic && notes[i] == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)
            good = false;
        if (!spec->tf32 && (notes[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE ||
                            notes[i] == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS ||
                            notes[i] == CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION))
            good = false;
    }
    backend_free(engine);
    return good;
}

/* The configuration's plan, or NULL if the engine cannot do it: rankings hold such engines too. */
static cudnnBackendDescriptor_t plan_of(cudnnHandle_t handle, cudnnBackendDescriptor_t config)
{
    cudnnBackendDescriptor_t plan = backend_new(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    BACKEND_SET(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
    BACKEND_SET(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                &config);
    if (cudnnBackendFinalize(plan) == CUDNN_STATUS_SUCCESS)
        return plan;
    backend_free(plan);
    return NULL;
}

static size_t workspace_of(cudnnBackendDescriptor_t plan)
{
    int64_t bytes = 0, count = 0;
    BACKEND_GET(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count,
                &bytes);
    return (size_t)bytes;
}

/* Takes config and plan if they are better than what is chosen; frees those that are not. */
static void consider(struct conv_plan *chosen, cudnnBackendDescriptor_t config,
                     cudnnBackendDescriptor_t plan)
{
    const size_t bytes = workspace_of(plan);
    cudnnBackendDescriptor_t worse_config = config, worse_plan = plan;
    if (!chosen->plan || bytes < chosen->workspace_bytes) {
        worse_config = chosen->config;
        worse_plan = chosen->plan;
        chosen->config = config;
        chosen->plan = plan;
        chosen->workspace_bytes = bytes;
    }
    if (worse_plan) {
        backend_free(worse_plan);
        backend_free(worse_config);
    }
}

/* The ranking of one mode, best first; *count is 0 where the mode has no answer. The caller frees
   the array, and the configurations by backend_free. */
static cudnnBackendDescriptor_t *ranking(cudnnBackendDescriptor_t graph,
                                         cudnnBackendHeurMode_t mode, int64_t *count)
{
    cudnnBackendDescriptor_t *configs = NULL;
    int64_t room = 0;
    *count = 0;
    cudnnBackendDescriptor_t heuristics = backend_new(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    BACKEND_SET(heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                &graph);
    BACKEND_SET(heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    if (cudnnBackendFinalize(heuristics) == CUDNN_STATUS_SUCCESS)
        BACKEND_GET(heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0,
                    &room, NULL);
    if (room > 0) {
        configs = must_alloc((size_t)room, sizeof(cudnnBackendDescriptor_t));
        for (int64_t i = 0; i < room; i++)
            configs[i] = backend_new(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
        BACKEND_GET(heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, room,
                    count, configs);
        for (int64_t i = *count; i < room; i++)
            backend_free(configs[i]);
    }
    backend_free(heuristics);
    return configs;
}

static void choose(cudnnHandle_t handle, cudnnBackendDescriptor_t graph,
                   cudnnBackendHeurMode_t mode, struct conv_plan *chosen)
{
    const size_t limit = workspace_limit(&chosen->spec);
    int64_t count;
    cudnnBackendDescriptor_t *configs = ranking(graph, mode, &count);
    for (int64_t i = 0; i < count; i++) {
        const bool done = chosen->plan && chosen->workspace_bytes <= limit;
        cudnnBackendDescriptor_t plan =
            !done && allowed(configs[i], &chosen->spec) ? plan_of(handle, configs[i]) : NULL;
        if (plan)
            consider(chosen, configs[i], plan);
        else
            backend_free(configs[i]);
    }
    free(configs);
}

struct conv_plan *conv_plan_new(cudnnHandle_t handle, const struct conv_spec *spec)
{
    static const char *const passes[CONV_PASSES] = {"forward pass", "input gradient",
                                                    "weight gradient"};
    struct conv_plan *made = must_alloc(1, sizeof *made);
    made->spec = *spec;
    cudnnBackendDescriptor_t graph = conv_graph_new(handle, spec);
    choose(handle, graph, CUDNN_HEUR_MODE_A, made);
    if (!made->plan)
        choose(handle, graph, CUDNN_HEUR_MODE_FALLBACK, made);
    backend_free(graph);
    if (!made->plan)
        fail("cuDNN has no engine for the %s of a %dx%d convolution, stride %d, of "
             "%dx%dx%dx%d to %d channels",
             passes[spec->pass], spec->kernel, spec->kernel, spec->stride, spec->n, spec->c,
             spec->h, spec->w, spec->k);
    return made;
}

void conv_plan_free(struct conv_plan *plan)
{
    if (!plan)
        return;
    backend_free(plan->plan);
    backend_free(plan->config);
    free(plan);
}

bool conv_spec_equal(const struct conv_spec *a, const struct conv_spec *b)
{
    return a->pass == b->pass && a->n == b->n && a->c == b->c && a->h == b->h && a->w == b->w &&
           a->k == b->k && a->kernel == b->kernel && a->stride == b->stride && a->pad == b->pad &&
           a->nhwc == b->nhwc && a->tf32 == b->tf32 && a->deterministic == b->deterministic &&
           a->accumulate == b->accumulate;
}

void conv_plan_run(cudnnHandle_t handle, const struct conv_plan *plan, void *x, void *w, void *y,
                   void *workspace)
{
    void *const pointers[CONV_TENSORS] = {x, w, y};
    /* A finalized descriptor cannot be changed, so each run has a pack of its own. */
    cudnnBackendDescriptor_t pack = backend_new(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    BACKEND_SET(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, CONV_TENSORS,
                conv_uids);
    BACKEND_SET(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, CONV_TENSORS,
                pointers);
    BACKEND_SET(pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
    backend_finalize(pack);
    backend_must(cudnnBackendExecute(handle, plan->plan, pack), "cudnnBackendExecute");
    backend_free(pack);
}
