/* cuBLASLt's wrappers. */
#include <cublasLt.h>

#include "wrap_stream.h"

#define GP_STREAM(api, args) gp_stream_named(api, GP_STREAM_LAST(args))

#define GP_NOT_FOUND CUBLAS_STATUS_NOT_INITIALIZED
#include "wrap.h"

#include "api/cublaslt.def"
