/* cuBLASLt's wrappers. */
#include <cublasLt.h>

#define GP_NOT_FOUND CUBLAS_STATUS_NOT_INITIALIZED
#include "wrap.h"

#include "api/cublaslt.def"
