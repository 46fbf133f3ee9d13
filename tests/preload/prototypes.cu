/*
 * Compiled, never run: every row of the table against the vendor's declaration, in C++. The
 * wrappers' own files compare in C, but there cublas_api.h leaves out what takes __half or
 * __nv_bfloat16, and
 * __cudaLaunchKernel is not declared.
 */
#include <cublasLt.h>
#include <cublas_api.h>
#include <cuda_runtime.h>
#include <cudnn.h>

/* A second declaration with C linkage that differs in its parameters or result is an error. */
#define GP_API(class, ret, name, params, ...)              extern "C" ret name params;
#define GP_API_TWIN(suffix, class, ret, name, params, ...) GP_API(class, ret, name, params)
#define GP_API_VIRTUAL(name, what, ...)
#include "api/cublas.def"
#include "api/cublaslt.def"
#include "api/cudart.def"
#include "api/cudnn.def"
