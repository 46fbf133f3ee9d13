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

#define GP_NOT_FOUND CUBLAS_STATUS_NOT_INITIALIZED
#include "wrap.h"

#include "api/cublas.def"
