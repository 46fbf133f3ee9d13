/* cuBLAS' wrappers. cublas_api.h declares the names that the ELF file has; cublas_v2.h renames
 * them. */
#include <cublas_api.h>

/* The functions with these types are declared for C++ alone. So that all rows have a declaration,
   each declares itself first; one that differs from the vendor's does not compile, and those that
   the vendor's header keeps from C are compared by tests/preload/prototypes.cu. */
typedef struct __half __half;
typedef struct __nv_bfloat16 __nv_bfloat16;

#define GP_API(class, ret, name, params, ...) extern ret name params;
#include "api/cublas.def"
#undef GP_API

#include "resolve.h"
#include "wrap_stream.h"

static void *stream_of(const void *argument)
{
    __typeof__(&cublasGetStream_v2) const get =
        (__typeof__(&cublasGetStream_v2))gp_resolve_query(GP_QUERY_cublasGetStream_v2);
    const cublasHandle_t *handle = argument;
    cudaStream_t stream;
    return get && get(*handle, &stream) == CUBLAS_STATUS_SUCCESS
               ? gp_stream_named(GP_API_NONE, stream)
               : GP_STREAM_UNKNOWN;
}
#define GP_STREAM(api, args) GP_STREAM_OF_FIRST(args, cublasHandle_t, stream_of)

#define GP_NOT_FOUND CUBLAS_STATUS_NOT_INITIALIZED
#include "wrap.h"

#include "api/cublas.def"
