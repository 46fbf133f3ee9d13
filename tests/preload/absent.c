/* Calls the wrappers in a process that has no CUDA library: each API says so in its own words. */
#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <dlfcn.h>
#include <errno.h>

#include "check.h"

/* The function that a program would be bound to. */
#define FIND(name) ((__typeof__(&name))dlsym(RTLD_DEFAULT, #name))

int main(void)
{
    void *pointer = NULL;
    __typeof__(&cudaMalloc) const malloc_function = FIND(cudaMalloc);
    __typeof__(&cudnnScaleTensor) const scale = FIND(cudnnScaleTensor);
    __typeof__(&cublasSscal_v2) const scal = FIND(cublasSscal_v2);
    check(malloc_function && scale && scal, "the recorder's functions are there");
    if (failures)
        return checked();
    errno = 1234;
    check(malloc_function(&pointer, 10) == cudaErrorSharedObjectSymbolNotFound, "cudaMalloc");
    check(scale(NULL, NULL, NULL, NULL) == CUDNN_STATUS_NOT_INITIALIZED, "cudnnScaleTensor");
    check(scal(NULL, 1, NULL, NULL, 1) == CUBLAS_STATUS_NOT_INITIALIZED, "cublasSscal");
    check(errno == 1234 && !pointer, "nothing else has changed");
    check(!dlerror(), "no error of the loader's is left");
    return checked();
}
