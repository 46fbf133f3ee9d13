/*
 * Frees that the recorder cannot know: of a block whose allocation went around it, and of pointers
 * that are none, which the runtime refuses.
 */
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

int main(void)
{
    void *hidden = NULL, *seen = NULL;
    char own;
    void *const runtime = dlopen("libcudart.so.13", RTLD_NOW | RTLD_NOLOAD);
    cudaError_t (*around)(void **, size_t) = NULL;
    if (runtime)
        *(void **)&around = dlsym(runtime, "cudaMalloc");
    if (!around || around(&hidden, 5000) != cudaSuccess)
        return 1;
    for (int step = 0; step < 3; step++) {
        nvtxRangePushA("step");
        if (cudaMalloc(&seen, 1000) != cudaSuccess)
            return 1;
        printf("%d", cudaFree(&own));              /* refused */
        printf(" %d", cudaFree((char *)seen + 1)); /* refused */
        printf(" %d", cudaFree(seen));
        printf(" %d", cudaFree(seen)); /* refused: a second time */
        if (step == 1)
            printf(" %d", cudaFree(hidden)); /* unknown */
        printf(" %d\n", cudaFree(NULL));
        nvtxRangePop();
    }
    return 0;
}
