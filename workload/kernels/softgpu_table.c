/* The table by which softgpu finds the CPU bodies of the workload's kernels (softgpu/kernel.h). */
#include "flat.h"
#include "kernel.h"

/* struct <name>_args is a kernel's only parameter. */
#define WORKLOAD_KERNEL(name)                                                                      \
    static void call_##name(void **args) { name(*(const struct name##_args *)args[0]); }           \
    static const size_t bytes_##name[] = {sizeof(struct name##_args)};
#include "kernels.def"
#undef WORKLOAD_KERNEL

const struct softgpu_kernel softgpu_kernels[] = {
#define WORKLOAD_KERNEL(name) {#name, call_##name, 1, bytes_##name},
#include "kernels.def"
#undef WORKLOAD_KERNEL
    {0}};
