/* The thread's last error, and how every public function enters and leaves. */
#ifndef SOFTGPU_CUDART_ERROR_H
#define SOFTGPU_CUDART_ERROR_H

#include <stdbool.h>
#include <cuda_runtime_api.h>

/*
 * Notes an error as the thread's last one and gives it back: `return sg_return(...)`. None of
 * softgpu's errors is sticky in CUDA's sense (a kernel body that faults ends the process), but a
 * bad option is: then every call fails with cudaErrorInitializationError.
 */
cudaError_t sg_return(cudaError_t error);

/* False if an option is bad. */
bool sg_ready(void);

#define SG_ENTER()                                                                                 \
    do {                                                                                           \
        if (!sg_ready())                                                                           \
            return sg_return(cudaErrorInitializationError);                                        \
    } while (0)

/* A `_ptds` or `_ptsz` twin: the per-thread default stream; work is done in the caller's thread. */
#define SG_TWIN(name, suffix) extern __typeof__(name) name##suffix __attribute__((alias(#name)))

#endif
