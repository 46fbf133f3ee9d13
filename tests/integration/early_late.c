/* See early_late_library.c. */
#include <cuda_runtime_api.h>
#include <stdio.h>

int early_late(void);

int main(void)
{
    void *p;
    printf("early: %d\n", early_late());
    return cudaMalloc(&p, 100) != cudaSuccess || cudaFree(p) != cudaSuccess;
}
