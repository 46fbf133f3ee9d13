/*
 * Records. A buffer that is full is handed over by a thread of this library's own, as in CUPTI;
 * what a flush hands over comes in the caller's thread.
 */
#include "records.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <cupti.h>

#include "subscriber.h"

#define DEFAULT_STREAM 7u /* CUPTI's number for it */

struct buffer {
    uint8_t *base;
    size_t bytes;
    size_t used;
};

static CUpti_BuffersCallbackRequestFunc on_request;
static CUpti_BuffersCallbackCompleteFunc on_complete;
static atomic_bool enabled[CUPTI_ACTIVITY_KIND_COUNT];
static atomic_uint last_correlation;
static atomic_size_t dropped;

static struct buffer filling;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards `filling` */

/* As CUPTI's clock: of a kind of its own, here CLOCK_REALTIME. */
static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void hand_over(struct buffer buffer)
{
    if (buffer.base)
        on_complete(NULL, 0, buffer.base, buffer.bytes, buffer.used);
}

static void *hand_over_thread(void *buffer)
{
    hand_over(*(struct buffer *)buffer);
    return NULL;
}

static void hand_over_elsewhere(struct buffer buffer)
{
    pthread_t thread;
    if (!buffer.base || pthread_create(&thread, NULL, hand_over_thread, &buffer) != 0)
        hand_over(buffer);
    else
        pthread_join(thread, NULL);
}

static void append(const void *record, size_t bytes)
{
    struct buffer full = {0};
    size_t most_records = 0;
    pthread_mutex_lock(&lock);
    if (filling.base && filling.used + bytes > filling.bytes) {
        full = filling;
        filling = (struct buffer){0};
    }
    if (!filling.base)
        on_request(&filling.base, &filling.bytes, &most_records);
    if (filling.base && bytes <= filling.bytes) {
        memcpy(filling.base + filling.used, record, bytes);
        filling.used += bytes;
    } else {
        atomic_fetch_add(&dropped, 1);
    }
    pthread_mutex_unlock(&lock);
    hand_over_elsewhere(full);
}

/* A graph's nodes bear the number of its launch, which has been told. */
static void begin(struct softgpu_work *work)
{
    if (!work->correlation) {
        work->correlation = atomic_fetch_add(&last_correlation, 1) + 1;
        subscriber_tell(work, NULL);
    }
    work->start_ns = now_ns();
}

static void captured(const struct softgpu_work *work, const struct softgpu_node *node)
{
    struct softgpu_work numbered = *work;
    numbered.correlation = atomic_fetch_add(&last_correlation, 1) + 1;
    subscriber_tell(&numbered, node);
}

/* As CUPTI, which says of a clone that it is made, and then of what. */
static void cloned(const struct softgpu_node *node)
{
    const struct softgpu_node made = {node->graph, node->node, NULL, NULL, node->type};
    subscriber_tell_node(&made);
    subscriber_tell_node(node);
}

static uint8_t copy_kind(enum softgpu_work_kind kind)
{
    switch (kind) {
    case SOFTGPU_COPY_TO_DEVICE:
        return CUPTI_ACTIVITY_MEMCPY_KIND_HTOD;
    case SOFTGPU_COPY_FROM_DEVICE:
        return CUPTI_ACTIVITY_MEMCPY_KIND_DTOH;
    case SOFTGPU_COPY_ON_DEVICE:
        return CUPTI_ACTIVITY_MEMCPY_KIND_DTOD;
    default:
        return CUPTI_ACTIVITY_MEMCPY_KIND_UNKNOWN;
    }
}

static void end(const struct softgpu_work *work)
{
    const uint64_t now = now_ns();
    if (!on_request)
        return;
    if (work->kind == SOFTGPU_KERNEL) {
        const CUpti_ActivityKernel10 record = {.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL,
                                               .start = work->start_ns,
                                               .end = now,
                                               .streamId = DEFAULT_STREAM,
                                               .correlationId = work->correlation,
                                               .name = work->name,
                                               .graphNodeId = work->node};
        if (atomic_load(&enabled[CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL]))
            append(&record, sizeof record);
    } else if (work->kind == SOFTGPU_FILL) {
        const CUpti_ActivityMemset4 record = {.kind = CUPTI_ACTIVITY_KIND_MEMSET,
                                              .bytes = work->bytes,
                                              .start = work->start_ns,
                                              .end = now,
                                              .streamId = DEFAULT_STREAM,
                                              .correlationId = work->correlation,
                                              .graphNodeId = work->node};
        if (atomic_load(&enabled[CUPTI_ACTIVITY_KIND_MEMSET]))
            append(&record, sizeof record);
    } else {
        const CUpti_ActivityMemcpy6 record = {.kind = CUPTI_ACTIVITY_KIND_MEMCPY,
                                              .copyKind = copy_kind(work->kind),
                                              .bytes = work->bytes,
                                              .start = work->start_ns,
                                              .end = now,
                                              .streamId = DEFAULT_STREAM,
                                              .correlationId = work->correlation,
                                              .graphNodeId = work->node};
        if (atomic_load(&enabled[CUPTI_ACTIVITY_KIND_MEMCPY]))
            append(&record, sizeof record);
    }
}

static void memory_begin(struct softgpu_memory *memory) { subscriber_tell_memory(memory, false); }

static void memory_end(struct softgpu_memory *memory)
{
    const bool given = memory->kind == SOFTGPU_GIVE || memory->kind == SOFTGPU_GIVE_ORDERED ||
                       memory->kind == SOFTGPU_GIVE_HOST;
    const bool host = memory->kind == SOFTGPU_TAKE_HOST || memory->kind == SOFTGPU_GIVE_HOST;
    const CUpti_ActivityMemory4 record = {
        .kind = CUPTI_ACTIVITY_KIND_MEMORY2,
        .memoryOperationType = given ? CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE
                                     : CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION,
        .memoryKind = host                                   ? CUPTI_ACTIVITY_MEMORY_KIND_PINNED
                      : memory->kind == SOFTGPU_TAKE_MANAGED ? CUPTI_ACTIVITY_MEMORY_KIND_MANAGED
                                                             : CUPTI_ACTIVITY_MEMORY_KIND_DEVICE,
        .correlationId = atomic_fetch_add(&last_correlation, 1) + 1,
        .address = memory->address,
        .bytes = memory->bytes, /* of what is taken back it is not known here: 0 */
        .timestamp = now_ns(),
        .streamId = DEFAULT_STREAM};
    subscriber_tell_memory(memory, true);
    if (on_request && !memory->failed && memory->kind < SOFTGPU_CREATE &&
        atomic_load(&enabled[CUPTI_ACTIVITY_KIND_MEMORY2]))
        append(&record, sizeof record);
}

void records_start(void)
{
    static const struct softgpu_listener listener = {.begin = begin,
                                                     .end = end,
                                                     .captured = captured,
                                                     .cloned = cloned,
                                                     .memory_begin = memory_begin,
                                                     .memory_end = memory_end};
    __cudaSoftgpuListen(&listener);
}

static size_t size_of(const CUpti_Activity *record)
{
    switch (record->kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
        return sizeof(CUpti_ActivityKernel10);
    case CUPTI_ACTIVITY_KIND_MEMCPY:
        return sizeof(CUpti_ActivityMemcpy6);
    case CUPTI_ACTIVITY_KIND_MEMSET:
        return sizeof(CUpti_ActivityMemset4);
    case CUPTI_ACTIVITY_KIND_MEMORY2:
        return sizeof(CUpti_ActivityMemory4);
    default:
        return 0;
    }
}

CUptiResult cuptiActivityGetNextRecord(uint8_t *buffer, size_t bytes, CUpti_Activity **record)
{
    uint8_t *next = *record ? (uint8_t *)*record + size_of(*record) : buffer;
    if (next >= buffer + bytes)
        return CUPTI_ERROR_MAX_LIMIT_REACHED;
    *record = (CUpti_Activity *)(void *)next;
    return size_of(*record) ? CUPTI_SUCCESS : CUPTI_ERROR_INVALID_KIND;
}

CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                           CUpti_BuffersCallbackCompleteFunc complete)
{
    if (!request || !complete)
        return CUPTI_ERROR_INVALID_PARAMETER;
    on_request = request;
    on_complete = complete;
    return CUPTI_SUCCESS;
}

static CUptiResult set_enabled(CUpti_ActivityKind kind, bool on)
{
    if ((unsigned)kind >= CUPTI_ACTIVITY_KIND_COUNT)
        return CUPTI_ERROR_INVALID_KIND;
    atomic_store(&enabled[kind], on);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind) { return set_enabled(kind, true); }

CUptiResult cuptiActivityDisable(CUpti_ActivityKind kind) { return set_enabled(kind, false); }

CUptiResult cuptiActivityFlushAll(uint32_t flag)
{
    (void)flag; /* all work is finished when its call returns */
    if (!on_complete)
        return CUPTI_ERROR_INVALID_OPERATION;
    pthread_mutex_lock(&lock);
    const struct buffer part = filling;
    filling = (struct buffer){0};
    pthread_mutex_unlock(&lock);
    hand_over(part);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext context, uint32_t stream, size_t *count)
{
    (void)context, (void)stream;
    *count = atomic_exchange(&dropped, 0);
    return CUPTI_SUCCESS;
}

/* How buffers are cleared is all that can be asked for, and here it is one. */
CUptiResult cuptiActivitySetAttribute(CUpti_ActivityAttribute attribute, size_t *bytes, void *value)
{
    (void)bytes, (void)value;
    return attribute == CUPTI_ACTIVITY_ATTR_ZEROED_OUT_ACTIVITY_BUFFER
               ? CUPTI_SUCCESS
               : CUPTI_ERROR_INVALID_PARAMETER;
}

CUptiResult cuptiGetTimestamp(uint64_t *timestamp)
{
    *timestamp = now_ns();
    return CUPTI_SUCCESS;
}
