/*
 * What the driver's files share. The memory is libcudart's (runtime.def), as the driver's is one
 * for both layers on a GPU: its functions tell CUPTI's subscriber as the driver's own do there.
 */
#ifndef SOFTGPU_DRIVER_DRIVER_H
#define SOFTGPU_DRIVER_DRIVER_H

#include <cuda.h>
#include <cuda_runtime_api.h>

#include "work.h"

struct runtime {
#define SOFTGPU_RUNTIME(name) __typeof__(&(name)) name;
#include "runtime.def"
#undef SOFTGPU_RUNTIME
};
extern struct runtime runtime;

/* Finds libcudart, the program's own if it has one. False: it or a function of it is missing. */
bool runtime_find(void);

/* CUDA_ERROR_NOT_INITIALIZED before cuInit, CUDA_ERROR_INVALID_CONTEXT in a thread without one. */
CUresult driver_ready(void);

/* A status of the runtime's: the numbers are the same. The runtime's note of an error is taken away
   again, for the program asked the driver. */
CUresult driver_status(cudaError_t error);

/* Returns from the function if the driver is not ready. */
#define DRIVER_ENTER()                                                                             \
    do {                                                                                           \
        const CUresult ready_ = driver_ready();                                                    \
        if (ready_ != CUDA_SUCCESS)                                                                \
            return ready_;                                                                         \
    } while (0)

#endif
