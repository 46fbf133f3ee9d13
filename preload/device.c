#include "device.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api_table.h"
#include "emit.h"
#include "vendor.h"

#define DEVICES_MAX 256

static atomic_bool described[DEVICES_MAX];
static atomic_bool is_softgpu;
static atomic_bool noted[GP_LIBRARY_COUNT];

/* Several threads may come here at once: each finds out what the device is, one writes it down. */
static void describe(int device)
{
    char name[256];
    uint64_t total = 0;
    const bool known = gp_vendor_device(device, name, sizeof name, &total);
    const bool softgpu = known && strncmp(name, "softgpu", strlen("softgpu")) == 0;
    if (softgpu)
        atomic_store_explicit(&is_softgpu, true, memory_order_relaxed);
    if (atomic_exchange(&described[device], true) || !known)
        return;
    gp_device_note_library(GP_LIBRARY_CUDART);
    gp_emit_device((uint32_t)device, name, total);
    if (softgpu)
        gp_emit_text("softgpu", "yes");
}

bool gp_device_is_softgpu(void) { return atomic_load_explicit(&is_softgpu, memory_order_relaxed); }

/* Describes it at its first use. While an error waits for the program nothing can be asked: at the
   next use, then. */
static uint8_t used(int device)
{
    if (device < 0 || device >= DEVICES_MAX)
        return 0;
    if (!atomic_load_explicit(&described[device], memory_order_relaxed) && !gp_vendor_error_waits())
        describe(device);
    return (uint8_t)device;
}

uint8_t gp_device_current(void) { return used(gp_vendor_current_device()); }

/* The program may not see more of them later. */
static bool several_devices(void)
{
    static atomic_int count; /* 0: not asked yet */
    int known = atomic_load_explicit(&count, memory_order_relaxed);
    if (known == 0) {
        known = gp_vendor_device_count();
        atomic_store_explicit(&count, known, memory_order_relaxed);
    }
    return known > 1;
}

uint8_t gp_device_of_alloc(enum gp_api api, const void *address, enum gp_space space,
                           const void *stream)
{
    int device = -1;
    if (space == GP_SPACE_POOL && several_devices()) {
        if (api == GP_API_cudaMallocFromPoolAsync || api == GP_API_cudaMallocFromPoolAsync_ptsz)
            device = gp_vendor_memory_device(address);
        else if (!gp_stream_is_default(stream))
            device = gp_vendor_stream_device(stream);
    }
    return device < 0 ? gp_device_current() : used(device);
}

/* 13000 is 13.0. */
static void write_version(const char *key, int version, int per_major, int per_minor)
{
    char text[32];
    if (version <= 0)
        return;
    snprintf(text, sizeof text, "%d.%d", version / per_major, version % per_major / per_minor);
    gp_emit_text(key, text);
}

void gp_device_note_library(unsigned library)
{
    if (atomic_load_explicit(&noted[library], memory_order_relaxed) ||
        atomic_exchange(&noted[library], true))
        return;
    switch (library) {
    case GP_LIBRARY_CUDART:
        write_version("cudart", gp_vendor_cudart_version(), 1000, 10);
        write_version("driver", gp_vendor_driver_version(), 1000, 10);
        break;
    case GP_LIBRARY_CUDNN:
        write_version("cudnn", gp_vendor_cudnn_version(), 10000, 100);
        break;
    case GP_LIBRARY_CUBLAS:
    case GP_LIBRARY_CUBLASLT:
        write_version("cublas", gp_vendor_cublas_version(), 10000, 100);
        break;
    default:
        break;
    }
}
