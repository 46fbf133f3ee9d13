/*
 * Kernels that the program's host code has registered, and their bodies (softgpu/kernel.h). Any
 * thread.
 */
#ifndef SOFTGPU_CUDART_KERNELS_H
#define SOFTGPU_CUDART_KERNELS_H

#include <stdbool.h>
#include <cuda_runtime_api.h>
#include "kernel.h"

/* The body of that name from the tables in kernels/ beside this library, which are loaded at the
 * first call; NULL if there is none. */
const struct softgpu_kernel *sg_kernel_body(const char *name);

/* The folder they are loaded from. */
const char *sg_kernel_folder(void);

/* A fat binary's handle, and the end of it and its kernels. NULL if the host has no memory. */
void **sg_fatbin_new(void);
void sg_fatbin_end(void **fatbin);

/* Notes that the host function stands for the kernel of that name; `name` stays the caller's. */
void sg_kernel_register(void **fatbin, const void *host_function, const char *name);

/* The kernel of a host function or of a cudaKernel_t; NULL if it is neither. It lives until its
 * fat binary is unregistered. */
cudaKernel_t sg_kernel_find(const void *function);

const char *sg_kernel_name(cudaKernel_t kernel);

/* NULL without a body; a line on stderr has said so by name, once for each kernel. */
const struct softgpu_kernel *sg_kernel_runnable(cudaKernel_t kernel);

#endif
