/* A kernel launched in every way; the test runs it on softgpu with the body in launches_kernels.c.
 */
#include <cuda_runtime.h>

#include "check.h"

struct list {
    float *pointers[3];
    long long n;
};

extern "C" __global__ void by_list(struct list list, float scale, float *last)
{
    if (list.n > 0)
        last[0] = scale;
}
extern "C" __global__ void nothing() {}

int main()
{
    float *a = nullptr, *b = nullptr;
    check(cudaMalloc(&a, 1000) == cudaSuccess && cudaMalloc(&b, 1000) == cudaSuccess, "cudaMalloc");
    struct list list = {{a, nullptr, b + 5}, 3};
    float scale = 2;
    float *last = b;
    void *arguments[] = {&list, &scale, &last};
    const dim3 one(1);

    by_list<<<1, 1>>>(list, scale, last);
    check(cudaGetLastError() == cudaSuccess, "<<<>>>");
    nothing<<<1, 1>>>();
    check(cudaGetLastError() == cudaSuccess, "<<<>>> without parameters");
    check(cudaLaunchKernel((const void *)by_list, one, one, arguments, 0, nullptr) == cudaSuccess,
          "cudaLaunchKernel");
    check(cudaLaunchCooperativeKernel((const void *)by_list, one, one, arguments, 0, nullptr) ==
              cudaSuccess,
          "cudaLaunchCooperativeKernel");
    cudaLaunchConfig_t config = {};
    config.gridDim = one;
    config.blockDim = one;
    check(cudaLaunchKernelExC(&config, (const void *)by_list, arguments) == cudaSuccess,
          "cudaLaunchKernelExC");
    check(cudaFree(b) == cudaSuccess && cudaFree(a) == cudaSuccess, "cudaFree");
    check(cudaPeekAtLastError() == cudaSuccess, "no error is left behind");
    return checked();
}
