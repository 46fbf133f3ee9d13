/*
 * How a program gives softgpu the CPU bodies of its own kernels.
 *
 * softgpu loads every `*.so` in the folder kernels/ beside its libcudart.so.13 and reads the table
 * `softgpu_kernels` from each. A kernel that the program registers under the same name (an
 * extern "C" kernel keeps its plain name) then runs that body in the caller's thread.
 */
#ifndef SOFTGPU_KERNEL_H
#define SOFTGPU_KERNEL_H

#include <stddef.h>

struct softgpu_kernel {
    const char *name;
    void (*body)(void **args); /* args[i] points at parameter i, as for cudaLaunchKernel */
    unsigned n_params;
    const size_t *param_bytes; /* [n_params] */
};

/* Ends with a row whose name is NULL. */
extern const struct softgpu_kernel softgpu_kernels[];

#endif
