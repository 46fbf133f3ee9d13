#include "cupti_activities.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "capture.h"
#include "cupti_library.h"
#include "depth.h"
#include "emit.h"
#include "string_table.h"

/* A kernel's record takes about 200 bytes: a buffer holds some steps of 1500 launches. */
#define BUFFERS      8u
#define BUFFER_BYTES (UINT64_C(1) << 20)

static unsigned char *pool; /* BUFFERS of BUFFER_BYTES; all zero where they are free */
static _Atomic uint32_t taken;

/* Called by CUPTI in any thread of the program or in its own. Without a buffer it drops records. */
static void CUPTIAPI on_request(uint8_t **buffer, size_t *bytes, size_t *most_records)
{
    uint32_t mask = atomic_load_explicit(&taken, memory_order_relaxed);
    *buffer = NULL;
    *bytes = 0;
    *most_records = 0;
    while (~mask & ((1u << BUFFERS) - 1)) {
        const unsigned i = (unsigned)__builtin_ctz(~mask);
        if (atomic_compare_exchange_weak_explicit(&taken, &mask, mask | 1u << i,
                                                  memory_order_acquire, memory_order_relaxed)) {
            *buffer = pool + i * BUFFER_BYTES;
            *bytes = BUFFER_BYTES;
            return;
        }
    }
}

static const char *copy_name(unsigned kind)
{
    switch (kind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD:
        return "memcpy host to device";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH:
        return "memcpy device to host";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD:
        return "memcpy device to device";
    case CUPTI_ACTIVITY_MEMCPY_KIND_PTOP:
        return "memcpy between devices";
    default:
        return "memcpy";
    }
}

/* The fields that each kind of record has in common; false if it is of no kind that is enabled. */
#define WORK(record, kind_of_work, text)                                                           \
    (struct gp_record_kernel)                                                                      \
    {                                                                                              \
        (record)->correlationId, gp_string(text), (record)->start, (record)->end,                  \
            (record)->streamId, (kind_of_work), (uint8_t)(record)->deviceId, 0,                    \
            (record)->graphNodeId                                                                  \
    }

static bool convert(const CUpti_Activity *record, struct gp_record_kernel *work)
{
    switch (record->kind) {
    case CUPTI_ACTIVITY_KIND_KERNEL:
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: {
        const CUpti_ActivityKernel10 *kernel = (const void *)record;
        *work = WORK(kernel, GP_GPU_KERNEL, kernel->name);
        return true;
    }
    case CUPTI_ACTIVITY_KIND_MEMCPY: {
        const CUpti_ActivityMemcpy6 *copy = (const void *)record;
        *work = WORK(copy, GP_GPU_COPY, copy_name(copy->copyKind));
        return true;
    }
    case CUPTI_ACTIVITY_KIND_MEMCPY2: {
        const CUpti_ActivityMemcpyPtoP4 *copy = (const void *)record;
        *work = WORK(copy, GP_GPU_COPY, copy_name(copy->copyKind));
        return true;
    }
    case CUPTI_ACTIVITY_KIND_MEMSET: {
        const CUpti_ActivityMemset4 *set = (const void *)record;
        *work = WORK(set, GP_GPU_SET, "memset");
        return true;
    }
    default:
        return false;
    }
}

/* A kernel that had not finished when it was handed over, or for which there was no room on the
   device, has no times. */
static void take_records(uint8_t *buffer, size_t bytes)
{
    CUpti_Activity *record = NULL;
    struct gp_record_kernel work;
    uint64_t lost = 0;
    while (gp_cupti.cuptiActivityGetNextRecord(buffer, bytes, &record) == CUPTI_SUCCESS) {
        if (!convert(record, &work))
            continue;
        if (work.start_ns == 0 || work.end_ns < work.start_ns)
            lost++;
        else
            gp_emit_kernel(&work);
    }
    if (lost)
        gp_emit_gpu_lost(lost);
}

/* Called by CUPTI's own thread, or inside a flush. */
static void CUPTIAPI on_complete(CUcontext context, uint32_t stream, uint8_t *buffer, size_t bytes,
                                 size_t used_bytes)
{
    const int saved_errno = errno;
    (void)context;
    (void)stream;
    gp_depth_enter();
    if (gp_capture_is_open())
        take_records(buffer, used_bytes);
    /* Zeroed here, so that CUPTI need not do so in the thread that launches. */
    memset(buffer, 0, bytes);
    atomic_fetch_and_explicit(&taken, ~(1u << (unsigned)((size_t)(buffer - pool) / BUFFER_BYTES)),
                              memory_order_release);
    gp_depth_leave();
    errno = saved_errno;
}

CUptiResult gp_cupti_activities_start(void)
{
    uint8_t zeroed = 1;
    size_t bytes = sizeof zeroed;
    void *memory = mmap(NULL, BUFFERS * BUFFER_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return CUPTI_ERROR_OUT_OF_MEMORY;
    pool = memory;
    gp_cupti.cuptiActivitySetAttribute(CUPTI_ACTIVITY_ATTR_ZEROED_OUT_ACTIVITY_BUFFER, &bytes,
                                       &zeroed);
    return gp_cupti.cuptiActivityRegisterCallbacks(on_request, on_complete);
}

void gp_cupti_activities_count_dropped(void)
{
    size_t dropped = 0;
    if (gp_cupti.cuptiActivityGetNumDroppedRecords(NULL, 0, &dropped) == CUPTI_SUCCESS && dropped)
        gp_emit_gpu_lost(dropped);
}
