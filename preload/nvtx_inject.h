/*
 * How NVTX finds us. NVTX is inline in every program and library and cannot be interposed; each
 * copy loads the library that NVTX_INJECTION64_PATH names, at its first call, and hands its
 * function table to InitializeInjectionNvtx2.
 */
#ifndef GRAPHPROF_NVTX_INJECT_H
#define GRAPHPROF_NVTX_INJECT_H

/* Takes the place, unless another tool has it. `own_path` may be NULL. Before the program's first
 * call. */
void gp_nvtx_claim(const char *own_path);

/* Says so if another tool has it. */
void gp_nvtx_complain(void);

#endif
