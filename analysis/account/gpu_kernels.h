/* Nodes split by kernel: how often and how long each kernel ran in each step, by node and name. */
#ifndef ANALYSIS_ACCOUNT_GPU_KERNELS_H
#define ANALYSIS_ACCOUNT_GPU_KERNELS_H

#include "account/gpu_busy.h"
#include "account/gpu_time.h"

struct gpu_kernel;

/* Takes the work of one step. */
void gpu_kernels_take(struct gpu_kernel **kernels, const struct gpu_work *work, size_t n);

/* Medians over `n_steps` steps; see gpu_time_kernels. */
struct gpu_kernel_row *gpu_kernels_rows(const struct gpu_kernel *kernels, size_t n_steps,
                                        const struct strings *strings, size_t *n);

void gpu_kernels_free(struct gpu_kernel **kernels);

#endif
