/*
 * How the driver finds us: at cuInit it loads the library that CUDA_INJECTION64_PATH names and
 * calls its InitializeInjection. That reaches programs whose calls cannot be intercepted (static
 * cudart, the driver's functions alone), also where LD_PRELOAD is taken away, before their first
 * allocation.
 */
#ifndef GRAPHPROF_CUDA_INJECT_H
#define GRAPHPROF_CUDA_INJECT_H

/* Takes the place, unless another tool has it or nothing would be asked of CUPTI
   (GRAPHPROF_TIME_STEPS=none). `own_path` may be NULL. Before the program's first call. */
void gp_cuda_claim(const char *own_path);

/* Says so if another tool has it. */
void gp_cuda_complain(void);

#endif
