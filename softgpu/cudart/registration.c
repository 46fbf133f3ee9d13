#include "registration.h"
#include "error.h"
#include "kernels.h"

void **__cudaRegisterFatBinary(void *fatbin)
{
    (void)fatbin; /* device code: nothing here reads it */
    return sg_fatbin_new();
}

void __cudaRegisterFatBinaryEnd(void **fatbin) { (void)fatbin; }

void __cudaUnregisterFatBinary(void **fatbin) { sg_fatbin_end(fatbin); }

char __cudaInitModule(void **fatbin)
{
    (void)fatbin;
    return 1;
}

void __cudaRegisterFunction(void **fatbin, const char *host_function, char *device_function,
                            const char *name, int thread_limit, uint3 *tid, uint3 *bid, dim3 *block,
                            dim3 *grid, int *warp)
{
    (void)device_function, (void)thread_limit, (void)tid, (void)bid;
    (void)block, (void)grid, (void)warp;
    sg_kernel_register(fatbin, host_function, name);
}

/* A __device__ variable cannot be tied to a CPU body; the functions that reach one (as
 * cudaMemcpyToSymbol) are not there, so that ld.so names them. */
void __cudaRegisterVar(void **fatbin, char *host, char *device, const char *name, int ext,
                       size_t bytes, int constant, int global)
{
    (void)fatbin, (void)host, (void)device, (void)name, (void)ext, (void)bytes;
    (void)constant, (void)global;
}

/* What <<<>>> leaves for the stub that it then calls; a stack, since an argument may launch too. */
struct call_configuration {
    dim3 grid, block;
    size_t shared_bytes;
    cudaStream_t stream;
};
#define CONFIGURATIONS_MAX 16u
static _Thread_local struct call_configuration configurations[CONFIGURATIONS_MAX];
static _Thread_local unsigned configuration_count;

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared_bytes,
                                     struct CUstream_st *stream)
{
    if (configuration_count == CONFIGURATIONS_MAX)
        return 1; /* the stub is then not called */
    configurations[configuration_count++] =
        (struct call_configuration){grid, block, shared_bytes, stream};
    return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared_bytes, void *stream)
{
    if (configuration_count == 0)
        return sg_return(cudaErrorMissingConfiguration);
    const struct call_configuration *const top = &configurations[--configuration_count];
    *grid = top->grid;
    *block = top->block;
    *shared_bytes = top->shared_bytes;
    *(cudaStream_t *)stream = top->stream;
    return cudaSuccess;
}
