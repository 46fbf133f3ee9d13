/* A plug-in that is linked to libcudart, as a framework's extension is. */
#include <cuda_runtime_api.h>

int plugin_work(void);
int plugin_work(void)
{
    void *p, *q;
    if (cudaMalloc(&p, 12345) != cudaSuccess || cudaMallocAsync(&q, 777, 0) != cudaSuccess)
        return 1;
    return cudaMemset(p, 0, 12345) != cudaSuccess || cudaFreeAsync(q, 0) != cudaSuccess ||
           cudaFree(p) != cudaSuccess;
}
