#include "error.h"
#include "options.h"

static _Thread_local cudaError_t last_error = cudaSuccess;

bool sg_ready(void) { return !sg_options()->bad; }

cudaError_t sg_return(cudaError_t error)
{
    if (error != cudaSuccess)
        last_error = error;
    return error;
}

cudaError_t cudaPeekAtLastError(void)
{
    return sg_ready() ? last_error : cudaErrorInitializationError;
}

cudaError_t cudaGetLastError(void)
{
    const cudaError_t error = cudaPeekAtLastError();
    last_error = cudaSuccess;
    return error;
}

const char *cudaGetErrorName(cudaError_t error)
{
    switch ((int)error) {
#define SG_ERROR(code, text)                                                                       \
    case code:                                                                                     \
        return #code;
#include "errors.def"
#undef SG_ERROR
    default:
        return "unrecognized error code";
    }
}

const char *cudaGetErrorString(cudaError_t error)
{
    switch ((int)error) {
#define SG_ERROR(code, text)                                                                       \
    case code:                                                                                     \
        return text;
#include "errors.def"
#undef SG_ERROR
    default:
        return "unrecognized error code";
    }
}
