/*
 * The table of intercepted functions, made from the .def files in api/: ids, names, classes and
 * operands.
 *
 * A row:  GP_API(CLASS, return type, name, (parameters), (arguments), what is recorded)
 *
 * name       as in the library's ELF file. The wrapper is defined with the row's prototype in a
 * file that includes the vendor's header: a row that is not the vendor's does not compile. CLASS
 * GP_CLASS_*, RESET for cudaDeviceReset, or HANDLE for what makes a library's handle. recorded
 * ALLOC: NEW(address, bytes, space, stream), evaluated after the call FREE: OLD(address, space,
 * stream), evaluated before the call LAUNCH: KERNEL(function, arguments) other classes: the
 * operands in their order, with no comma between them: R(x, ROLE) read, W() written, A() read and
 * written, S() scratch; R_AT(name, address, ROLE) and so on where the parameter is not itself the
 * address. ROLE is a row of roles.def, or ANY. The row itself says no more than the function's
 * documentation does about every call of it.
 *
 * GP_API_TWIN(suffix, ...) is a row and one more for the twin whose name has the suffix behind it.
 *
 * GP_API_CXX(CLASS, name, symbol, shown) is a row for a C++ function: its mangled symbol, and
 * the name under which it is recorded. Of class BLOCK: a block of a caching allocator given out
 * (size > 0) or taken back (size < 0).
 *
 * GP_API_VIRTUAL(name, what, operands) is no function but a kind of calls of one, `name:what`,
 * which the function's wrapper records under that name; of class COMPUTE. A function of class
 * WATCH, WATCH_BEFORE or WATCH_ALWAYS is not recorded; WATCHED(statement) is what its wrapper does
 * instead, after a call that succeeded, before any or after any. NODE is WATCH of a function whose
 * name the capture needs. REPLAY is the class of cudaGraphLaunch alone, COMPUTE in the capture.
 * GRAPH is the class of cudnnBackendExecute alone, whose operands graph_table.h knows.
 */
#ifndef GRAPHPROF_API_TABLE_H
#define GRAPHPROF_API_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum gp_library {
    GP_LIBRARY_CUDART,
    GP_LIBRARY_CUDNN,
    GP_LIBRARY_CUBLAS,
    GP_LIBRARY_CUBLASLT,
    GP_LIBRARY_C10,
    GP_LIBRARY_COUNT
};

/* GP_API_<name>; 0 is no function. */
enum gp_api {
    GP_API_NONE,
#define GP_API(class, ret, name, ...)              GP_API_##name,
#define GP_API_TWIN(suffix, class, ret, name, ...) GP_API_##name, GP_API_##name##suffix,
#define GP_API_VIRTUAL(name, what, ...)            GP_API_##name##_##what,
#include "api/cudart.def"
#include "api/cudnn.def"
#include "api/cublas.def"
#include "api/cublaslt.def"
#define GP_API_CXX(class, name, symbol, shown) GP_API_##name,
#include "api/c10.def"
#undef GP_API_CXX
#undef GP_API
#undef GP_API_TWIN
#undef GP_API_VIRTUAL
    GP_API_COUNT
};

/* GP_DRIVER_API_<name>: functions of the driver that give and take memory; 0 is none. They are not
   intercepted: CUPTI tells (cupti_memory.h). */
enum gp_driver_api {
    GP_DRIVER_API_NONE,
#define GP_DRIVER_ALLOC(name, ...) GP_DRIVER_API_##name,
#define GP_DRIVER_FREE(name, ...)  GP_DRIVER_API_##name,
#define GP_DRIVER_MAP(name, ...)   GP_DRIVER_API_##name,
#include "api/driver_memory.def"
#undef GP_DRIVER_ALLOC
#undef GP_DRIVER_FREE
#undef GP_DRIVER_MAP
    GP_DRIVER_API_COUNT
};

#define GP_API_OPERANDS_MAX 16

/* In the place of an enum gp_api_class: of no call that is recorded. */
#define GP_CLASS_WATCH 255

struct gp_api_operand {
    const char *name; /* NULL ends the list */
    uint8_t mode;     /* enum gp_operand_mode */
    uint8_t role;     /* enum gp_role or GP_ROLE_ANY */
};

struct gp_api_row {
    const char *name;
    const char *symbol;     /* in the ELF file; NULL for a kind of calls */
    uint8_t class_id;       /* enum gp_api_class, or GP_CLASS_WATCH */
    uint8_t library;        /* enum gp_library */
    bool per_thread_stream; /* stream 0 means the thread's own */
    struct gp_api_operand operands[GP_API_OPERANDS_MAX + 1];
};

extern const struct gp_api_row gp_api_rows[GP_API_COUNT];    /* row 0 is empty */
extern const char *const gp_library_names[GP_LIBRARY_COUNT]; /* as in "libcudart" */

unsigned gp_api_operand_count(const struct gp_api_row *row);

#endif
