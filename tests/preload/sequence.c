/* A program whose capture is known to the last record: sequence.expected. Prints what it sees
 * itself. */
#define NVTX_SUPPRESS_V2_DEPRECATION_WARNING
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <string.h>
#include <wchar.h>

#include "check.h"

static nvtxEventAttributes_t message(const char *text)
{
    nvtxEventAttributes_t attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.version = NVTX_VERSION;
    attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
    attributes.messageType = NVTX_MESSAGE_TYPE_ASCII;
    attributes.message.ascii = text;
    return attributes;
}

int main(void)
{
    void *a = NULL, *b = NULL, *c = NULL, *host = NULL;
    cudaStream_t stream;

    check(cudaMalloc(&a, 1000) == cudaSuccess, "cudaMalloc");
    nvtxMarkA("graphprof.tensor role=parameter");
    check(cudaStreamCreate(&stream) == cudaSuccess, "cudaStreamCreate");
    check(nvtxRangePushA("step 0") == 0, "the level of a first push");
    check(nvtxRangePushW(L"vor\u00e4rts \U0001F600") == 1, "the level of a second push");
    check(cudaMallocAsync(&b, 2000, stream) == cudaSuccess, "cudaMallocAsync");
    check(cudaMemcpyAsync((char *)b + 16, a, 100, cudaMemcpyDeviceToDevice, stream) == cudaSuccess,
          "cudaMemcpyAsync");
    check(cudaMemset(a, 0, 1000) == cudaSuccess, "cudaMemset");
    check(nvtxRangePop() == 1, "the level of a pop");
    check(cudaFreeAsync(b, stream) == cudaSuccess, "cudaFreeAsync");
    check(nvtxRangePop() == 0, "the level of the last pop");
    check(nvtxRangePop() < 0, "a pop of nothing");

    const nvtxDomainHandle_t domain = nvtxDomainCreateA("library");
    nvtxEventAttributes_t attributes = message("in the library");
    check(nvtxDomainRangePushEx(domain, &attributes) == 0, "a domain's level");
    attributes.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
    attributes.message.registered = nvtxDomainRegisterStringA(domain, "registered");
    check(nvtxDomainRangePushEx(domain, &attributes) == 1, "a domain's next level");
    check(nvtxDomainRangePop(domain) == 1, "a domain's pop");
    check(nvtxDomainRangePop(domain) == 0, "a domain's next pop");
    const nvtxRangeId_t first = nvtxRangeStartA("first"), second = nvtxRangeStartA("second");
    nvtxRangeEnd(first);
    nvtxRangeEnd(second);

    check(cudaFree((char *)a + 4) != cudaSuccess, "a free of no allocation is refused");
    check(cudaGetLastError() != cudaSuccess, "and its error waits for the program");
    check(cudaFree(NULL) == cudaSuccess, "a free of nothing");
    check(cudaMallocHost(&host, 64) == cudaSuccess, "cudaMallocHost");
    check(cudaMemcpy(host, a, 64, cudaMemcpyDeviceToHost) == cudaSuccess, "cudaMemcpy");
    check(cudaDeviceSynchronize() == cudaSuccess, "cudaDeviceSynchronize");
    check(cudaMallocManaged(&c, 4096, cudaMemAttachGlobal) == cudaSuccess, "cudaMallocManaged");
    check(cudaMalloc(&b, (size_t)1 << 60) == cudaErrorMemoryAllocation, "too much");
    check(cudaGetLastError() == cudaErrorMemoryAllocation, "its error is the program's to see");
    check(cudaFree(c) == cudaSuccess && cudaFreeHost(host) == cudaSuccess &&
              cudaFree(a) == cudaSuccess,
          "frees");
    check(cudaDeviceReset() == cudaSuccess, "cudaDeviceReset");
    return checked();
}
