#include "nvml_memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "cupti_session.h"
#include "resolve.h"
#include "vendor.h"

/* nvml.h comes with a package that need not be installed. These are its names, as of version 12 of
   the interface; a function's number behind its name stands for its structures. */
typedef struct nvmlDevice_st *nvmlDevice_t;
typedef struct {
    unsigned long long total, free, used;
} nvmlMemory_t;
typedef struct {
    unsigned pid;
    unsigned long long usedGpuMemory;
    unsigned gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_t;
enum {
    NVML_SUCCESS = 0
};
static const unsigned long long NVML_VALUE_NOT_AVAILABLE = ~0ULL;

#define PROCESSES_MAX 64
#define DEVICES_MAX   16

static struct {
    int (*nvmlInit_v2)(void);
    int (*nvmlDeviceGetHandleByPciBusId_v2)(const char *bus, nvmlDevice_t *device);
    int (*nvmlDeviceGetMemoryInfo)(nvmlDevice_t device, nvmlMemory_t *memory);
    int (*nvmlDeviceGetComputeRunningProcesses_v3)(nvmlDevice_t device, unsigned *n,
                                                   nvmlProcessInfo_t *processes);
} nvml;
static enum {
    NOT_TRIED,
    READY,
    OFF
} state;
static nvmlDevice_t handles[DEVICES_MAX];

/* Guards all of it; never waited for. */
static atomic_flag asking = ATOMIC_FLAG_INIT;

/* A function pointer and an object pointer are one size here (POSIX). */
#define FIND(name) (*(void **)&nvml.name = gp_resolve_in(library, #name))

static bool start(void)
{
    void *library = gp_resolve_open("libnvidia-ml.so.1", true);
    return library && FIND(nvmlInit_v2) && FIND(nvmlDeviceGetHandleByPciBusId_v2) &&
           FIND(nvmlDeviceGetMemoryInfo) && FIND(nvmlDeviceGetComputeRunningProcesses_v3) &&
           nvml.nvmlInit_v2() == NVML_SUCCESS;
}

static nvmlDevice_t handle_of(int device)
{
    char bus[32];
    if (device < 0 || device >= DEVICES_MAX)
        return NULL;
    if (!handles[device] &&
        (!gp_vendor_bus_id(device, bus, sizeof bus) ||
         nvml.nvmlDeviceGetHandleByPciBusId_v2(bus, &handles[device]) != NVML_SUCCESS))
        handles[device] = NULL;
    return handles[device];
}

static enum gp_nvml_scope ask(nvmlDevice_t device, uint64_t *bytes)
{
    nvmlProcessInfo_t processes[PROCESSES_MAX];
    nvmlMemory_t memory;
    unsigned n = PROCESSES_MAX;
    if (nvml.nvmlDeviceGetComputeRunningProcesses_v3(device, &n, processes) == NVML_SUCCESS)
        for (unsigned i = 0; i < n; i++)
            if (processes[i].pid == (unsigned)getpid() &&
                processes[i].usedGpuMemory != NVML_VALUE_NOT_AVAILABLE) {
                *bytes = processes[i].usedGpuMemory;
                return GP_NVML_PROCESS;
            }
    if (nvml.nvmlDeviceGetMemoryInfo(device, &memory) != NVML_SUCCESS)
        return GP_NVML_UNKNOWN;
    *bytes = memory.used;
    return GP_NVML_DEVICE;
}

enum gp_nvml_scope gp_nvml_used(int device, uint64_t *bytes)
{
    enum gp_nvml_scope scope = GP_NVML_UNKNOWN;
    if (!gp_cupti_driver_is_loaded() ||
        atomic_flag_test_and_set_explicit(&asking, memory_order_acquire))
        return GP_NVML_UNKNOWN;
    if (state == NOT_TRIED)
        state = start() ? READY : OFF;
    if (state == READY) {
        const nvmlDevice_t handle = handle_of(device);
        if (handle)
            scope = ask(handle, bytes);
    }
    atomic_flag_clear_explicit(&asking, memory_order_release);
    return scope;
}
