#include "driver.h"

#include <dlfcn.h>
#include <stdio.h>

#define TEXT_(x)      #x
#define TEXT(x)       TEXT_(x)
#define RUNTIME       "libcudart.so." TEXT(CUDART_MAJOR)
#define OF_THE_DRIVER "libsoftgpu_runtime.so" /* a link to the same file */

struct runtime runtime;

/* CUDART_VERSION 13000 is 13.0; the soname has the major number. */
#define CUDART_MAJOR 13
_Static_assert(CUDART_VERSION / 1000 == CUDART_MAJOR, "the runtime's soname");

bool runtime_find(void)
{
    void *library = dlopen(RUNTIME, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    if (!library)
        library = dlopen(OF_THE_DRIVER, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "softgpu: libcuda: %s\n", dlerror());
        return false;
    }
    /* A function pointer and an object pointer are one size here (POSIX). */
#define SOFTGPU_RUNTIME(name)                                                                      \
    *(void **)&runtime.name = dlsym(library, #name);                                               \
    if (!runtime.name) {                                                                           \
        fprintf(stderr, "softgpu: libcuda: the libcudart that is loaded has no " #name "\n");      \
        return false;                                                                              \
    }
#include "runtime.def"
#undef SOFTGPU_RUNTIME
    return true;
}

CUresult driver_status(cudaError_t error)
{
    if (error != cudaSuccess)
        runtime.cudaGetLastError();
    return (CUresult)error;
}
