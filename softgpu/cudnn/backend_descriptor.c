/* The graph API's descriptors: made, finalized, destroyed. */
#include "backend.h"

#include "status.h"

#include <stdlib.h>

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t descriptorType,
                                           cudnnBackendDescriptor_t *descriptor)
{
    struct backend_descriptor *made;

    if (descriptor == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the descriptor");
    if (!backend_has_type(descriptorType))
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED,
                      "descriptor type %d (cudnn_graph.h has their names); only convolutions",
                      (int)descriptorType);
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
    made->type = descriptorType;
    *descriptor = made;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor)
{
    free(descriptor);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor)
{
    struct backend_descriptor *made = descriptor;
    const char *missing;
    cudnnStatus_t status;

    if (made == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no descriptor");
    if (made->finalized)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "the descriptor is finalized already");
    missing = backend_missing(made);
    if (missing != NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM, "%s is not set", missing);
    status = backend_complete(__func__, made);
    made->finalized = status == CUDNN_STATUS_SUCCESS;
    return status;
}
