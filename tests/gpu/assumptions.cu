/*
 * What graphprof assumes of the CUDA runtime, asked of the real one. Prints TAP.
 * Figures that others rely on are printed as comments.
 */
#include <cuda_runtime.h>
#include <stdint.h>
#include <stdio.h>

struct pointer_list {
    float *pointers[64];
    int count;
};

extern "C" __global__ void takes_list(struct pointer_list list, float scale)
{
    if (threadIdx.x < (unsigned)list.count)
        list.pointers[threadIdx.x][0] = scale;
}

static int number;
static int failures;
static void check(int ok, const char *what)
{
    printf("%sok %d - %s\n", ok ? "" : "not ", ++number, what);
    failures += !ok;
}

static uint64_t pool_value(cudaMemPool_t pool, cudaMemPoolAttr attribute)
{
    uint64_t value = 0;
    cudaMemPoolGetAttribute(pool, attribute, &value);
    return value;
}

int main(void)
{
    const char *name = nullptr;
    size_t offset = 0, bytes = 0;
    check(cudaFree(nullptr) == cudaSuccess, "a context comes up");
    check(cudaFuncGetName(&name, (const void *)takes_list) == cudaSuccess && name,
          "cudaFuncGetName takes the host's function pointer");
    printf("# name %s\n", name ? name : "-");
    check(cudaFuncGetParamInfo((const void *)takes_list, 0, &offset, &bytes) == cudaSuccess &&
              bytes == sizeof(struct pointer_list),
          "cudaFuncGetParamInfo gives the size of a struct passed by value");
    check(cudaFuncGetParamInfo((const void *)takes_list, 1, &offset, &bytes) == cudaSuccess &&
              bytes == sizeof(float),
          "and of the next parameter");
    check(cudaFuncGetParamInfo((const void *)takes_list, 2, &offset, &bytes) != cudaSuccess,
          "and refuses the one after the last");
    cudaKernel_t kernel = nullptr;
    check(cudaGetKernel(&kernel, (const void *)takes_list) == cudaSuccess &&
              cudaFuncGetParamInfo((const void *)kernel, 0, &offset, &bytes) == cudaSuccess &&
              bytes == sizeof(struct pointer_list),
          "a cudaKernel_t does as well");
    check(cudaGetLastError() == cudaErrorInvalidValue || cudaGetLastError() == cudaSuccess,
          "a refused query leaves nothing sticky");

    cudaMemPool_t pool = nullptr;
    check(cudaDeviceGetDefaultMemPool(&pool, 0) == cudaSuccess, "the default pool is there");
    static const size_t sizes[] = {1,   255,  256,    257,     511,          512,
                                   513, 4096, 100000, 1 << 20, (1 << 21) + 1};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *p = nullptr;
        const uint64_t before = pool_value(pool, cudaMemPoolAttrUsedMemCurrent);
        cudaMallocAsync(&p, sizes[i], 0);
        const uint64_t after = pool_value(pool, cudaMemPoolAttrUsedMemCurrent);
        printf("# cudaMallocAsync(%zu): used grows by %llu, address %% 512 = %u\n", sizes[i],
               (unsigned long long)(after - before), (unsigned)((uintptr_t)p % 512));
        cudaFreeAsync(p, 0);
    }
    cudaDeviceSynchronize();
    static const size_t malloc_sizes[] = {1, 1 << 10, 1 << 20, (1 << 20) + 1, 1 << 21, 3 << 20};
    for (unsigned i = 0; i < sizeof malloc_sizes / sizeof malloc_sizes[0]; i++) {
        size_t before, after, total;
        void *p = nullptr;
        cudaMemGetInfo(&before, &total);
        cudaMalloc(&p, malloc_sizes[i]);
        cudaMemGetInfo(&after, &total);
        printf("# cudaMalloc(%zu): free falls by %zu\n", malloc_sizes[i], before - after);
    }
    cudaEvent_t start, stop;
    cudaEventCreate(&start);
    cudaEventCreate(&stop);
    printf("1..%d\n", number);
    return failures != 0;
}
