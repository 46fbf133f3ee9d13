/* errno is as it was after every recorded call, whether it succeeds or fails. */
#include <cuda_runtime_api.h>
#include <errno.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

static int lost;

#define KEEPS(call)                                                                                \
    do {                                                                                           \
        errno = EXDEV;                                                                             \
        (void)(call);                                                                              \
        if (errno != EXDEV) {                                                                      \
            printf("errno is %d after %s\n", errno, #call);                                        \
            lost++;                                                                                \
        }                                                                                          \
    } while (0)

int main(void)
{
    void *p = NULL, *q = NULL;
    char own;
    for (int round = 0; round < 2; round++) { /* the first resolves, the second does not */
        KEEPS(nvtxRangePushA("step"));
        KEEPS(cudaMalloc(&p, 1000));
        KEEPS(cudaMallocAsync(&q, 1000, 0));
        KEEPS(cudaMemset(p, 0, 1000));
        KEEPS(cudaMemcpy(&own, p, 1, cudaMemcpyDeviceToHost));
        KEEPS(cudaFree(&own)); /* fails */
        KEEPS(cudaFree(p));
        KEEPS(cudaFreeAsync(q, 0));
        KEEPS(cudaDeviceSynchronize());
        KEEPS(nvtxMarkA("mark"));
        KEEPS(nvtxRangePop());
    }
    puts(lost ? "errno was lost" : "errno was kept");
    return lost;
}
