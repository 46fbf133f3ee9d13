/*
 * An independent record of what runs on the GPU, to hold graphprof's times against: preloaded alone
 * into the same program, it knows no ranges and no nodes. At exit it writes to $KERNEL_RECORD_OUT
 * one line for each kernel, copy and fill, in the order in which they were submitted:
 *
 *   correlation <tab> start ns <tab> end ns <tab> kernel, copy or fill <tab> name
 *
 * With KERNEL_RECORD_MEMORY=yes instead one for each time that device memory is given out or back,
 * whoever asks:
 *
 *   correlation <tab> ns <tab> bytes <tab> alloc or free <tab> address
 */
#include <cupti.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES ((size_t)1 << 20)

struct work {
    uint32_t correlation;
    uint64_t start, end;
    const char *kind, *name;
};

static struct work *works;
static size_t n_works, capacity, n_dropped;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void fail(const char *what, int status)
{
    fprintf(stderr, "kernel_record: %s: %d\n", what, status);
    exit(1);
}

static void add(struct work work)
{
    if (n_works == capacity) {
        capacity = capacity ? 2 * capacity : 65536;
        works = realloc(works, capacity * sizeof *works);
        if (!works)
            fail("out of memory", 0);
    }
    works[n_works++] = work;
}

static void take_memory(const CUpti_ActivityMemory4 *memory)
{
    char address[32];
    if (memory->memoryKind != CUPTI_ACTIVITY_MEMORY_KIND_DEVICE &&
        memory->memoryKind != CUPTI_ACTIVITY_MEMORY_KIND_MANAGED)
        return;
    snprintf(address, sizeof address, "0x%llx", (unsigned long long)memory->address);
    add((struct work){memory->correlationId, memory->timestamp, memory->bytes,
                      memory->memoryOperationType == CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION
                          ? "alloc"
                          : "free",
                      strdup(address)});
}

static void take(const CUpti_Activity *record)
{
    if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
        const CUpti_ActivityKernel10 *kernel = (const void *)record;
        add((struct work){kernel->correlationId, kernel->start, kernel->end, "kernel",
                          strdup(kernel->name)});
    } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
        const CUpti_ActivityMemcpy6 *copy = (const void *)record;
        add((struct work){copy->correlationId, copy->start, copy->end, "copy", ""});
    } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMSET) {
        const CUpti_ActivityMemset4 *set = (const void *)record;
        add((struct work){set->correlationId, set->start, set->end, "fill", ""});
    } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMORY2) {
        take_memory((const void *)record);
    }
}

static void CUPTIAPI completed(CUcontext context, uint32_t stream, uint8_t *buffer, size_t bytes,
                               size_t used_bytes)
{
    CUpti_Activity *record = NULL;
    size_t dropped = 0;
    (void)bytes;
    pthread_mutex_lock(&lock);
    while (cuptiActivityGetNextRecord(buffer, used_bytes, &record) == CUPTI_SUCCESS)
        take(record);
    if (cuptiActivityGetNumDroppedRecords(context, stream, &dropped) == CUPTI_SUCCESS)
        n_dropped += dropped;
    pthread_mutex_unlock(&lock);
    free(buffer);
}

static int compare(const void *a, const void *b)
{
    const struct work *x = a;
    const struct work *y = b;
    if (x->correlation != y->correlation)
        return x->correlation < y->correlation ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

static void write_record(void)
{
    const char *path = getenv("KERNEL_RECORD_OUT");
    cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
    FILE *to = path ? fopen(path, "w") : NULL;
    if (!to)
        fail("cannot write $KERNEL_RECORD_OUT", 0);
    pthread_mutex_lock(&lock);
    qsort(works, n_works, sizeof *works, compare);
    for (size_t i = 0; i < n_works; i++)
        fprintf(to, "%u\t%llu\t%llu\t%s\t%s\n", works[i].correlation,
                (unsigned long long)works[i].start, (unsigned long long)works[i].end, works[i].kind,
                works[i].name);
    pthread_mutex_unlock(&lock);
    if (fclose(to) != 0)
        fail("cannot write $KERNEL_RECORD_OUT", 0);
    if (n_dropped)
        fprintf(stderr, "kernel_record: %zu records were dropped\n", n_dropped);
}

static void set_exit_handler(void)
{
    if (atexit(write_record) != 0)
        fail("atexit", 0);
}

/* The handler is set at the first record, after the driver has set its own: it runs before that. */
static void CUPTIAPI requested(uint8_t **buffer, size_t *bytes, size_t *most_records)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_exit_handler);
    *buffer = malloc(BUFFER_BYTES);
    *bytes = *buffer ? BUFFER_BYTES : 0;
    *most_records = 0;
}

static void CUPTIAPI ignore(void *user, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                            const void *data)
{
    (void)user, (void)domain, (void)id, (void)data;
}

__attribute__((constructor)) static void begin(void)
{
    static const CUpti_ActivityKind kinds[] = {
        CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
        CUPTI_ACTIVITY_KIND_MEMSET, CUPTI_ACTIVITY_KIND_MEMORY2};
    const char *memory = getenv("KERNEL_RECORD_MEMORY");
    const bool of_memory = memory && strcmp(memory, "yes") == 0;
    CUpti_SubscriberHandle subscriber;
    CUptiResult result = cuptiSubscribe(&subscriber, ignore, NULL);
    if (result == CUPTI_SUCCESS)
        result = cuptiActivityRegisterCallbacks(requested, completed);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && result == CUPTI_SUCCESS; i++)
        if ((kinds[i] == CUPTI_ACTIVITY_KIND_MEMORY2) == of_memory)
            result = cuptiActivityEnable(kinds[i]);
    if (result != CUPTI_SUCCESS)
        fail("CUPTI", (int)result);
}
