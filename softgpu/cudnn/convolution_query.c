/*
 * Which algorithm to take and how much workspace it needs. There is one algorithm here, oneDNN's
 * direct convolution, whatever name the program asks for; its workspace is the copies of operands
 * in oneDNN's layouts and oneDNN's scratchpad.
 */
#include "convolution.h"
#include "status.h"

#include <string.h>

cudnnStatus_t cudnnGetConvolutionForwardAlgorithmMaxCount(cudnnHandle_t handle, int *count)
{
    if (handle == NULL || count == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    *count = 1;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithmMaxCount(cudnnHandle_t handle, int *count)
{
    return cudnnGetConvolutionForwardAlgorithmMaxCount(handle, count);
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithmMaxCount(cudnnHandle_t handle, int *count)
{
    return cudnnGetConvolutionForwardAlgorithmMaxCount(handle, count);
}

cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t xDesc, const cudnnFilterDescriptor_t wDesc,
    const cudnnConvolutionDescriptor_t convDesc, const cudnnTensorDescriptor_t yDesc,
    cudnnConvolutionFwdAlgo_t algo, size_t *sizeInBytes)
{
    struct plan *plan;
    cudnnStatus_t status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_FORWARD, xDesc,
                                            wDesc, convDesc, yDesc, &plan);

    (void)algo;
    if (status == CUDNN_STATUS_SUCCESS)
        *sizeInBytes = plan_workspace_bytes(plan);
    return status;
}

cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
    cudnnHandle_t handle, const cudnnFilterDescriptor_t wDesc, const cudnnTensorDescriptor_t dyDesc,
    const cudnnConvolutionDescriptor_t convDesc, const cudnnTensorDescriptor_t dxDesc,
    cudnnConvolutionBwdDataAlgo_t algo, size_t *sizeInBytes)
{
    struct plan *plan;
    cudnnStatus_t status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_BACKWARD_DATA,
                                            dxDesc, wDesc, convDesc, dyDesc, &plan);

    (void)algo;
    if (status == CUDNN_STATUS_SUCCESS)
        *sizeInBytes = plan_workspace_bytes(plan);
    return status;
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t xDesc, const cudnnTensorDescriptor_t dyDesc,
    const cudnnConvolutionDescriptor_t convDesc, const cudnnFilterDescriptor_t gradDesc,
    cudnnConvolutionBwdFilterAlgo_t algo, size_t *sizeInBytes)
{
    struct plan *plan;
    cudnnStatus_t status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_BACKWARD_FILTER,
                                            xDesc, gradDesc, convDesc, dyDesc, &plan);

    (void)algo;
    if (status == CUDNN_STATUS_SUCCESS)
        *sizeInBytes = plan_workspace_bytes(plan);
    return status;
}

/* The three results of the _v7 queries differ in the type of `algo` alone. */
#define ANSWER(answer, name, plan)                                                                 \
    do {                                                                                           \
        memset(answer, 0, sizeof(*(answer)));                                                      \
        (answer)->algo = (name);                                                                   \
        (answer)->status = CUDNN_STATUS_SUCCESS;                                                   \
        (answer)->time = -1.0f; /* not measured */                                                 \
        (answer)->memory = plan_workspace_bytes(plan);                                             \
        (answer)->determinism = CUDNN_DETERMINISTIC;                                               \
        (answer)->mathType = CUDNN_FMA_MATH;                                                       \
    } while (0)

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t srcDesc,
    const cudnnFilterDescriptor_t filterDesc, const cudnnConvolutionDescriptor_t convDesc,
    const cudnnTensorDescriptor_t destDesc, const int requestedAlgoCount, int *returnedAlgoCount,
    cudnnConvolutionFwdAlgoPerf_t *perfResults)
{
    struct plan *plan;
    cudnnStatus_t status;

    if (requestedAlgoCount < 1 || returnedAlgoCount == NULL || perfResults == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "no place for an answer");
    status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_FORWARD, srcDesc, filterDesc,
                              convDesc, destDesc, &plan);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    ANSWER(perfResults, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, plan);
    *returnedAlgoCount = 1;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
    cudnnHandle_t handle, const cudnnFilterDescriptor_t filterDesc,
    const cudnnTensorDescriptor_t diffDesc, const cudnnConvolutionDescriptor_t convDesc,
    const cudnnTensorDescriptor_t gradDesc, const int requestedAlgoCount, int *returnedAlgoCount,
    cudnnConvolutionBwdDataAlgoPerf_t *perfResults)
{
    struct plan *plan;
    cudnnStatus_t status;

    if (requestedAlgoCount < 1 || returnedAlgoCount == NULL || perfResults == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "no place for an answer");
    status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_BACKWARD_DATA, gradDesc,
                              filterDesc, convDesc, diffDesc, &plan);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    ANSWER(perfResults, CUDNN_CONVOLUTION_BWD_DATA_ALGO_1, plan);
    *returnedAlgoCount = 1;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t srcDesc,
    const cudnnTensorDescriptor_t diffDesc, const cudnnConvolutionDescriptor_t convDesc,
    const cudnnFilterDescriptor_t gradDesc, const int requestedAlgoCount, int *returnedAlgoCount,
    cudnnConvolutionBwdFilterAlgoPerf_t *perfResults)
{
    struct plan *plan;
    cudnnStatus_t status;

    if (requestedAlgoCount < 1 || returnedAlgoCount == NULL || perfResults == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "no place for an answer");
    status = convolution_plan(__func__, handle, PLAN_CONVOLUTION_BACKWARD_FILTER, srcDesc, gradDesc,
                              convDesc, diffDesc, &plan);
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    ANSWER(perfResults, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1, plan);
    *returnedAlgoCount = 1;
    return CUDNN_STATUS_SUCCESS;
}
