/* The vendor's libraries for unit tests: one device that says what the test tells it to. */
#include "fake_vendor.h"

#include <stdio.h>
#include <string.h>

#include "cupti_session.h"
#include "depth.h"
#include "lifecycle.h"
#include "nvml_memory.h"
#include "nvtx_inject.h"
#include "resolve.h"
#include "vendor.h"
#include "vendor_events.h"

struct fake_vendor fake_vendor;

_Thread_local int gp_depth __attribute__((tls_model("initial-exec"))); /* lifecycle.c's */

int gp_vendor_current_device(void) { return 0; }
int gp_vendor_device_count(void) { return 1; }
int gp_vendor_stream_device(const void *stream)
{
    (void)stream;
    return -1;
}
// NOLINTNEXTLINE(readability-non-const-parameter): the prototype is vendor.h's
bool gp_vendor_stream_graph(const void *stream, bool per_thread, uint64_t *graph)
{
    (void)stream, (void)per_thread, (void)graph;
    return false;
}
int gp_vendor_memory_device(const void *address)
{
    (void)address;
    return -1;
}
bool gp_vendor_device(int device, char *name, size_t name_size, uint64_t *total_bytes)
{
    snprintf(name, name_size, "fake %d", device);
    *total_bytes = 1 << 30;
    return true;
}
bool gp_vendor_bus_id(int device, char *bus, size_t bus_size)
{
    snprintf(bus, bus_size, "0000:%02x:00.0", (unsigned)device);
    return true;
}
bool gp_vendor_has_context(void) { return fake_vendor.has_context; }
enum gp_nvml_scope gp_nvml_used(int device, uint64_t *bytes)
{
    (void)device;
    *bytes = 77;
    return GP_NVML_PROCESS;
}
bool gp_vendor_memory(uint64_t *free_bytes, uint64_t *total_bytes)
{
    fake_vendor.asked_driver++;
    *free_bytes = 1000;
    *total_bytes = 1 << 30;
    return true;
}
bool gp_vendor_pool(int device, struct gp_vendor_pool *pool)
{
    (void)device;
    *pool = (struct gp_vendor_pool){1, 2, 3, 4};
    return true;
}
int gp_vendor_cudart_version(void) { return 13000; }
int gp_vendor_driver_version(void) { return 13010; }
int gp_vendor_cudnn_version(void) { return 91400; }
int gp_vendor_cublas_version(void) { return 130000; }
const char *gp_vendor_kernel_name(const void *function)
{
    fake_vendor.asked_kernel++;
    return ((const struct fake_kernel *)function)->name;
}
bool gp_vendor_kernel_parameter(const void *function, unsigned i, size_t *bytes)
{
    const struct fake_kernel *kernel = function;
    if (i >= kernel->n_params)
        return false;
    *bytes = kernel->param_bytes[i];
    return true;
}
bool gp_vendor_error_waits(void) { return fake_vendor.error_waits; }

/* Events are the addresses of these; as many as a test can use. */
#define EVENTS_MAX 20000
static struct event {
    double ms;
    bool recorded;
} events[EVENTS_MAX];

void *fake_stream(char letter)
{
    static char streams[128];
    return letter == '0' ? (void *)1 : &streams[(unsigned char)letter]; // NOLINT: cudaStreamLegacy
}

static char letter_of(const void *stream)
{
    for (int letter = 'A'; letter <= 'Z'; letter++)
        if (fake_stream((char)letter) == stream)
            return (char)letter;
    return '0';
}

bool gp_vendor_event_make(void **event)
{
    if (fake_vendor.events_made == EVENTS_MAX)
        return false;
    *event = &events[fake_vendor.events_made++];
    return true;
}
bool gp_vendor_event_record(void *event, void *stream)
{
    struct event *of = event;
    const size_t n = strlen(fake_vendor.recorded);
    if (fake_vendor.events_fail)
        return false;
    if (n + 1 < sizeof fake_vendor.recorded)
        fake_vendor.recorded[n] = letter_of(stream);
    *of = (struct event){fake_vendor.gpu_ms, true};
    return true;
}
enum gp_event_answer gp_vendor_event_elapsed(void *from, void *to, float *ms)
{
    const struct event *first = from, *second = to;
    if (!first->recorded || !second->recorded)
        return GP_EVENT_NEVER;
    *ms = (float)(second->ms - first->ms);
    return fake_vendor.gpu_is_behind ? GP_EVENT_NOT_YET : GP_EVENT_KNOWN;
}
enum gp_stream_use gp_vendor_stream_use(void *stream)
{
    return stream == fake_vendor.captures ? GP_STREAM_CAPTURES : GP_STREAM_RUNS;
}
int gp_vendor_capture_enter(void) { return 0; }
void gp_vendor_capture_leave(int mode) { (void)mode; }

bool gp_cupti_driver_is_loaded(void) { return !fake_vendor.no_driver; }
enum gp_cupti gp_cupti_start(char *why, size_t why_bytes)
{
    fake_vendor.cupti_starts++;
    snprintf(why, why_bytes, "the test says so");
    return fake_vendor.has_cupti ? GP_CUPTI_STARTED : GP_CUPTI_ABSENT;
}
// NOLINTNEXTLINE(readability-non-const-parameter): the prototype is cupti_session.h's
bool gp_cupti_record(bool on, char *why, size_t why_bytes)
{
    (void)why;
    (void)why_bytes;
    fake_vendor.cupti_records = on;
    return true;
}
void gp_cupti_flush(bool all)
{
    (void)all;
    fake_vendor.cupti_flushes++;
}
uint64_t gp_cupti_clock(void) { return 4242; }

/* What lifecycle.c and nvtx_inject.c do in the library is done by the tests themselves. */
void gp_lifecycle_start(void) {}
void gp_lifecycle_at_exit(void) {}
bool gp_lifecycle_is_idle(void) { return fake_vendor.idle; }
static int other_copy(void)
{
    fake_vendor.handed_over++;
    return 1;
}
void *gp_resolve_in_other_copy(const char *name)
{
    /* A function pointer and an object pointer are one size here (POSIX). */
    int (*const other)(void) = strcmp(name, "InitializeInjection") == 0 ? other_copy : NULL;
    return *(void *const *)&other;
}
void gp_nvtx_complain(void) {}
