/* Launches of the program's own kernels: the kernel's name, and which device addresses it was
 * given. */
#ifndef GRAPHPROF_KERNEL_PARAMS_H
#define GRAPHPROF_KERNEL_PARAMS_H

#include "api_table.h"

/* After a successful launch. `function`: host function pointer or cudaKernel_t; `arguments[i]`
   points at parameter i. Any word of a parameter that lies where device memory was ever allocated
   is recorded as an operand: a kernel may be given pointers inside structures. */
void gp_emit_launch(enum gp_api api, const void *function, void *const *arguments);

#endif
