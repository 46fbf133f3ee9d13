/*
 * A stand-in for libcudnn whose graph API takes everything and does nothing: what is under test is
 * what the recorder makes of the calls. The heuristics always have two answers.
 */
#include <cudnn.h>
#include <stdlib.h>

size_t cudnnGetVersion(void) { return CUDNN_VERSION; }

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t descriptorType,
                                           cudnnBackendDescriptor_t *descriptor)
{
    (void)descriptorType;
    *descriptor = malloc(16);
    return *descriptor ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_INTERNAL_ERROR;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor)
{
    free(descriptor);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor)
{
    (void)descriptor;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
                                       cudnnBackendAttributeName_t attributeName,
                                       cudnnBackendAttributeType_t attributeType,
                                       int64_t elementCount, const void *arrayOfElements)
{
    (void)descriptor, (void)attributeName, (void)attributeType;
    return elementCount < 0 || !arrayOfElements ? CUDNN_STATUS_BAD_PARAM : CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t const descriptor,
                                       cudnnBackendAttributeName_t attributeName,
                                       cudnnBackendAttributeType_t attributeType,
                                       int64_t requestedElementCount, int64_t *elementCount,
                                       void *arrayOfElements)
{
    (void)descriptor, (void)attributeName, (void)attributeType;
    (void)requestedElementCount, (void)arrayOfElements;
    *elementCount = 2;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t executionPlan,
                                  cudnnBackendDescriptor_t variantPack)
{
    (void)handle;
    return executionPlan && variantPack ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_BAD_PARAM;
}
