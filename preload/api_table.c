#include "api_table.h"

#include <stddef.h>

#include "graphprof/capture_format.h"
#include "graphprof/role.h"

const char *const gp_library_names[GP_LIBRARY_COUNT] = {"libcudart", "libcudnn", "libcublas",
                                                        "libcublasLt", "libc10"};

/* The classes ALLOC, FREE and LAUNCH record no operands of the table's. */
#define NEW(address, bytes, space, stream)
#define OLD(address, space, stream)
#define KERNEL(function, arguments)
#define R_AT(name, address, role) {#name, GP_MODE_READ, GP_ROLE_##role},
#define W_AT(name, address, role) {#name, GP_MODE_WRITE, GP_ROLE_##role},
#define R(name, role)             {#name, GP_MODE_READ, GP_ROLE_##role},
#define W(name, role)             {#name, GP_MODE_WRITE, GP_ROLE_##role},
#define A(name, role)             {#name, GP_MODE_ACCUMULATE, GP_ROLE_##role},
#define S(name, role)             {#name, GP_MODE_SCRATCH, GP_ROLE_##role},

#define WATCHED(statement)
#define LAUNCHED(exec, stream)

#define GP_CLASS_RESET        GP_CLASS_CALL
#define GP_CLASS_HANDLE       GP_CLASS_CALL
#define GP_CLASS_GRAPH        GP_CLASS_COMPUTE
#define GP_CLASS_WATCH_BEFORE GP_CLASS_WATCH
#define GP_CLASS_WATCH_ALWAYS GP_CLASS_WATCH
#define GP_CLASS_NODE         GP_CLASS_CALL
#define GP_CLASS_REPLAY       GP_CLASS_COMPUTE

#define GP_CLASS_BLOCK GP_CLASS_ALLOC

#define GP_ROW(class, name, symbol, twin, ...)                                                     \
    {name, symbol, GP_CLASS_##class, LIBRARY, twin, {__VA_ARGS__{NULL, 0, 0}}},
#define GP_API(class, ret, name, params, args, ...) GP_ROW(class, #name, #name, false, __VA_ARGS__)
#define GP_API_TWIN(suffix, class, ret, name, params, args, ...)                                   \
    GP_ROW(class, #name, #name, false, __VA_ARGS__)                                                \
    GP_ROW(class, #name #suffix, #name #suffix, true, __VA_ARGS__)
#define GP_API_VIRTUAL(name, what, ...)        GP_ROW(COMPUTE, #name ":" #what, NULL, false, __VA_ARGS__)
#define GP_API_CXX(class, name, symbol, shown) GP_ROW(class, shown, #symbol, false, )

const struct gp_api_row gp_api_rows[GP_API_COUNT] = {
    {NULL, NULL, 0, 0, false, {{NULL, 0, 0}}},
#define LIBRARY GP_LIBRARY_CUDART
#include "api/cudart.def"
#undef LIBRARY
#define LIBRARY GP_LIBRARY_CUDNN
#include "api/cudnn.def"
#undef LIBRARY
#define LIBRARY GP_LIBRARY_CUBLAS
#include "api/cublas.def"
#undef LIBRARY
#define LIBRARY GP_LIBRARY_CUBLASLT
#include "api/cublaslt.def"
#undef LIBRARY
#define LIBRARY GP_LIBRARY_C10
#include "api/c10.def"
#undef LIBRARY
};

unsigned gp_api_operand_count(const struct gp_api_row *row)
{
    unsigned n = 0;
    while (row->operands[n].name)
        n++;
    return n;
}
