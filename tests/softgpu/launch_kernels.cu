/* Kernels for launch_test.c, compiled by nvcc as a program's are; none ever runs on a device. */
#include "launch_kernels.h"

extern "C" __global__ void fill_list(struct pointer_list list, float value, char sign, size_t count)
{
    for (size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count;
         i += (size_t)gridDim.x * blockDim.x)
        for (int k = 0; k < list.count; k++)
            list.pointers[k][i] = value * (float)sign;
}

extern "C" __global__ void has_no_body(float *x) { *x = 1; }

extern "C" void launch_fill_list(struct pointer_list list, float value, char sign, size_t count,
                                 unsigned threads)
{
    fill_list<<<4, threads>>>(list, value, sign, count);
}
extern "C" void launch_has_no_body(float *x) { has_no_body<<<1, 1>>>(x); }
extern "C" const void *host_fill_list(void) { return (const void *)fill_list; }
extern "C" const void *host_has_no_body(void) { return (const void *)has_no_body; }
