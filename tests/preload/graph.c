/*
 * Executions of cuDNN's graph API whose capture is known: graph.expected. Runs on a stand-in for
 * libcudnn (graph_library.c). As in PyTorch, a plan outlives what it was made from.
 */
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TENSORS_MAX 16

static int failures;
static void must(cudnnStatus_t status) { failures += status != CUDNN_STATUS_SUCCESS; }

static cudnnBackendDescriptor_t make(cudnnBackendDescriptorType_t type)
{
    cudnnBackendDescriptor_t made = NULL;
    must(cudnnBackendCreateDescriptor(type, &made));
    return made;
}

static void set_child(cudnnBackendDescriptor_t of, cudnnBackendAttributeName_t name,
                      cudnnBackendDescriptor_t child)
{
    must(cudnnBackendSetAttribute(of, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &child));
}

/* Tensor i of the operation is `names[i]` and has the id i + 1. */
static cudnnBackendDescriptor_t operation(cudnnBackendDescriptorType_t type, unsigned n,
                                          const cudnnBackendAttributeName_t *names)
{
    cudnnBackendDescriptor_t made = make(type);
    for (unsigned i = 0; i < n; i++) {
        const int64_t id = i + 1;
        cudnnBackendDescriptor_t tensor = make(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
        must(cudnnBackendSetAttribute(tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1,
                                      &id));
        set_child(made, names[i], tensor);
        must(cudnnBackendDestroyDescriptor(tensor));
    }
    return made;
}

/* By way of the heuristics, or of an engine that the program names itself. */
static cudnnBackendDescriptor_t plan_of(unsigned n, const cudnnBackendDescriptor_t *operations,
                                        int heuristics)
{
    cudnnBackendDescriptor_t graph = make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    cudnnBackendDescriptor_t plan = make(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    cudnnBackendDescriptor_t configs[3];
    int64_t count = 0;
    for (int i = 0; i < 3; i++)
        configs[i] = make(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    must(cudnnBackendSetAttribute(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS,
                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, n, operations));
    if (heuristics) {
        cudnnBackendDescriptor_t heur = make(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
        set_child(heur, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
        must(cudnnBackendGetAttribute(heur, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                      CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, NULL));
        must(cudnnBackendGetAttribute(heur, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                      CUDNN_TYPE_BACKEND_DESCRIPTOR, 3, &count, configs));
        must(cudnnBackendDestroyDescriptor(heur));
    } else {
        cudnnBackendDescriptor_t engine = make(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
        set_child(engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph);
        set_child(configs[1], CUDNN_ATTR_ENGINECFG_ENGINE, engine);
        must(cudnnBackendDestroyDescriptor(engine));
    }
    set_child(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configs[1]);
    for (int i = 0; i < 3; i++)
        must(cudnnBackendDestroyDescriptor(configs[i]));
    must(cudnnBackendDestroyDescriptor(graph));
    for (unsigned i = 0; i < n; i++)
        must(cudnnBackendDestroyDescriptor(operations[i]));
    return plan;
}

/* Tensor i is at base + 100 * i, the workspace at base + 5000; the first tensor stands last. */
static void execute(cudnnBackendDescriptor_t plan, unsigned n, char *base)
{
    int64_t ids[TENSORS_MAX];
    void *pointers[TENSORS_MAX];
    void *workspace = base + 5000;
    cudnnBackendDescriptor_t pack = make(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    for (unsigned i = 0; i < n; i++) {
        const unsigned tensor = (i + 1) % n;
        ids[i] = tensor + 1;
        pointers[i] = base + (size_t)100 * tensor;
    }
    must(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR,
                                  n, pointers));
    must(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, n,
                                  ids));
    must(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1,
                                  &workspace));
    must(cudnnBackendExecute(NULL, plan, pack));
    must(cudnnBackendDestroyDescriptor(pack));
}

#define NAMES(...)                                                                                 \
    (const cudnnBackendAttributeName_t[]) { __VA_ARGS__ }
#define COUNT(...) (sizeof(NAMES(__VA_ARGS__)) / sizeof(cudnnBackendAttributeName_t))
#define OPERATION(type, ...)                                                                       \
    operation(CUDNN_BACKEND_OPERATION_##type##_DESCRIPTOR, COUNT(__VA_ARGS__), NAMES(__VA_ARGS__))
#define CONV(attribute) CUDNN_ATTR_OPERATION_CONVOLUTION_##attribute
#define NORM(attribute) CUDNN_ATTR_OPERATION_NORM_##attribute##_DESC

/* One operation, by way of the heuristics; then its plan is run and destroyed. */
static void run(cudnnBackendDescriptor_t one, unsigned n, char *base)
{
    cudnnBackendDescriptor_t plan = plan_of(1, &one, 1);
    execute(plan, n, base);
    must(cudnnBackendDestroyDescriptor(plan));
}

int main(void)
{
    char *base = NULL;
    cudnnBackendDescriptor_t ops[2], plan;
    const cudnnBackendNormFwdPhase_t inference = CUDNN_NORM_FWD_INFERENCE;

    failures += cudaMalloc((void **)&base, 6000) != cudaSuccess;

    run(OPERATION(CONVOLUTION_FORWARD, CONV(FORWARD_X), CONV(FORWARD_Y), CONV(FORWARD_W)), 3, base);
    run(OPERATION(CONVOLUTION_BACKWARD_DATA, CONV(BWD_DATA_DX), CONV(BWD_DATA_DY),
                  CONV(BWD_DATA_W)),
        3, base);
    run(OPERATION(CONVOLUTION_BACKWARD_FILTER, CONV(BWD_FILTER_X), CONV(BWD_FILTER_DY),
                  CONV(BWD_FILTER_DW)),
        3, base);
    run(OPERATION(NORM_FORWARD, CUDNN_ATTR_OPERATION_NORM_FWD_XDESC, NORM(FWD_SCALE),
                  NORM(FWD_BIAS), NORM(FWD_EPSILON), NORM(FWD_EXP_AVG_FACTOR),
                  NORM(FWD_INPUT_RUNNING_MEAN), NORM(FWD_INPUT_RUNNING_VAR),
                  NORM(FWD_OUTPUT_RUNNING_MEAN), NORM(FWD_OUTPUT_RUNNING_VAR), NORM(FWD_MEAN),
                  NORM(FWD_INV_VARIANCE), CUDNN_ATTR_OPERATION_NORM_FWD_YDESC),
        12, base);
    run(OPERATION(NORM_BACKWARD, CUDNN_ATTR_OPERATION_NORM_BWD_XDESC,
                  CUDNN_ATTR_OPERATION_NORM_BWD_DYDESC, CUDNN_ATTR_OPERATION_NORM_BWD_DXDESC,
                  NORM(BWD_SCALE), NORM(BWD_MEAN), NORM(BWD_INV_VARIANCE), NORM(BWD_DSCALE),
                  NORM(BWD_DBIAS)),
        8, base);

    /* A pack that lacks a tensor; a plan that is run twice, made without the heuristics. */
    ops[0] = OPERATION(CONVOLUTION_FORWARD, CONV(FORWARD_X), CONV(FORWARD_W), CONV(FORWARD_Y));
    plan = plan_of(1, ops, 0);
    execute(plan, 2, base);
    execute(plan, 3, base);
    must(cudnnBackendDestroyDescriptor(plan));

    /* No row: an inference, another operation, two operations, a plan of unknown origin, which
       has the handle of a plan that was known. */
    ops[0] = OPERATION(NORM_FORWARD, CUDNN_ATTR_OPERATION_NORM_FWD_XDESC, NORM(FWD_MEAN));
    must(cudnnBackendSetAttribute(ops[0], CUDNN_ATTR_OPERATION_NORM_FWD_PHASE,
                                  CUDNN_TYPE_NORM_FWD_PHASE, 1, &inference));
    run(ops[0], 2, base);
    run(OPERATION(POINTWISE, CUDNN_ATTR_OPERATION_POINTWISE_XDESC,
                  CUDNN_ATTR_OPERATION_POINTWISE_YDESC),
        2, base);
    ops[0] = OPERATION(CONVOLUTION_FORWARD, CONV(FORWARD_X), CONV(FORWARD_W), CONV(FORWARD_Y));
    ops[1] = OPERATION(POINTWISE, CUDNN_ATTR_OPERATION_POINTWISE_XDESC);
    plan = plan_of(2, ops, 1);
    execute(plan, 4, base);
    must(cudnnBackendDestroyDescriptor(plan));
    plan = make(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    execute(plan, 3, base);
    must(cudnnBackendDestroyDescriptor(plan));

    /* What fails is not recorded. */
    failures += cudnnBackendExecute(NULL, NULL, NULL) == CUDNN_STATUS_SUCCESS;
    failures += cudaFree(base) != cudaSuccess;
    puts(failures ? "failed" : "done");
    return failures != 0;
}
