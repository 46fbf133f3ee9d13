/* Statuses: their names, and how a call says no. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char last_error[256];

cudnnStatus_t refuse(cudnnStatus_t status, const char *function, const char *format, ...)
{
    va_list list;
    int head = snprintf(last_error, sizeof(last_error), "%s: ", function);

    va_start(list, format);
    vsnprintf(last_error + head, sizeof(last_error) - (size_t)head, format, list);
    va_end(list);
    if ((int)status >= (int)CUDNN_STATUS_NOT_SUPPORTED)
        fprintf(stderr, "softgpu: %s (%s)\n", last_error, cudnnGetErrorString(status));
    return status;
}

void cudnnGetLastErrorString(char *message, size_t max_size)
{
    if (message == NULL || max_size == 0)
        return;
    snprintf(message, max_size, "%s", last_error);
    last_error[0] = '\0';
}

const char *cudnnGetErrorString(cudnnStatus_t status)
{
#define NAME(id)                                                                                   \
    case id:                                                                                       \
        return #id
    switch (status) {
        NAME(CUDNN_STATUS_SUCCESS);
        NAME(CUDNN_STATUS_NOT_INITIALIZED);
        NAME(CUDNN_STATUS_BAD_PARAM);
        NAME(CUDNN_STATUS_BAD_PARAM_NULL_POINTER);
        NAME(CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED);
        NAME(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT);
        NAME(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH);
        NAME(CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE);
        NAME(CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE);
        NAME(CUDNN_STATUS_NOT_SUPPORTED);
        NAME(CUDNN_STATUS_NOT_SUPPORTED_SHAPE);
        NAME(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE);
        NAME(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT);
        NAME(CUDNN_STATUS_NOT_SUPPORTED_PADDING);
        NAME(CUDNN_STATUS_INTERNAL_ERROR);
        NAME(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED);
        NAME(CUDNN_STATUS_EXECUTION_FAILED);
    default:
        return "CUDNN_STATUS_UNKNOWN";
    }
#undef NAME
}
