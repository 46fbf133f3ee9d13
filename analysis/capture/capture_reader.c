#include "capture/capture_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/kinds.h"
#include "capture/repeats.h"

#define WINDOW_BYTES ((size_t)1 << 20)
/* Fetched into the processor's cache; within a page it does so itself. */
#define AHEAD_BYTES 1024u
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* since Linux 5.14; refused by older ones */
#endif

/* Words of the fixed part with the head, by type; 0: not known. */
static const uint32_t fixed_words[256] = {
#define GP_RECORD(id, number, words) [number] = (words),
#include "graphprof/records.def"
#undef GP_RECORD
};

static bool fail(struct capture *capture, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool fail(struct capture *capture, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = snprintf(capture->fault, sizeof capture->fault, "%.300s: ", capture->path);
    vsnprintf(capture->fault + n, sizeof capture->fault - (size_t)n, format, arguments);
    va_end(arguments);
    return false;
}

static bool map_file(struct capture *capture, int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return fail(capture, "%s", strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(capture, "expected a capture, found no regular file");
    capture->size = (size_t)status.st_size;
    if (capture->size < sizeof capture->header)
        return fail(capture, "expected a capture, found %zu bytes, fewer than its header's %zu",
                    capture->size, sizeof capture->header);
    void *data = mmap(NULL, capture->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return fail(capture, "cannot map: %s", strerror(errno));
    madvise(data, capture->size, MADV_SEQUENTIAL);
    capture->mapping = data;
    capture->data = data;
    return true;
}

static bool check_header(struct capture *capture)
{
    const struct gp_capture_header *header = &capture->header;
    memcpy(&capture->header, capture->data, sizeof capture->header);
    if (memcmp(header->magic, GP_CAPTURE_MAGIC, sizeof header->magic) != 0)
        return fail(capture, "byte 0: expected a capture's magic number, found another file");
    if (header->version < GP_CAPTURE_OLDEST || header->version > GP_CAPTURE_VERSION)
        return fail(capture, "byte 8: expected capture version %u to %u, found %u",
                    GP_CAPTURE_OLDEST, GP_CAPTURE_VERSION, header->version);
    if (header->header_bytes < sizeof *header || header->header_bytes % 8 != 0 ||
        header->header_bytes > capture->size)
        return fail(capture, "byte 12: expected the header's length, found %u",
                    header->header_bytes);
    return true;
}

bool capture_open(struct capture *capture, const char *path)
{
    memset(capture, 0, sizeof *capture);
    capture->path = path;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(capture, "cannot open: %s", strerror(errno));
    bool good = map_file(capture, fd);
    close(fd);
    if (!good || !check_header(capture)) {
        capture_close(capture);
        return false;
    }
    capture->thread_ns = memory_zeroed(GP_THREADS_MAX, sizeof *capture->thread_ns);
    capture->thread_known = memory_zeroed(GP_THREADS_MAX, sizeof *capture->thread_known);
    capture->peeked = memory_zeroed(GP_SHORT_PAYLOAD_MAX, sizeof *capture->peeked);
    capture_rewind(capture);
    return true;
}

void capture_close(struct capture *capture)
{
    if (capture->data)
        munmap(capture->mapping, capture->size);
    free(capture->thread_ns);
    free(capture->thread_known);
    free(capture->kinds);
    free(capture->peeked);
    repeats_free(capture);
    capture->kinds = NULL;
    capture->n_kinds = capture->kinds_capacity = 0;
    capture->peeked = NULL;
    capture->data = NULL;
    capture->thread_ns = NULL;
    capture->thread_known = NULL;
}

struct gp_record_device_sample capture_sample(const struct capture_event *event)
{
    struct gp_record_device_sample sample;
    memset(&sample, 0xff, sizeof sample); /* UINT64_MAX in each field that the record lacks */
    const size_t bytes = event->payload_words * 8UL;
    memcpy(&sample, event->payload, bytes < sizeof sample ? bytes : sizeof sample);
    return sample;
}

struct gp_record_kernel capture_kernel(const struct capture_event *event)
{
    struct gp_record_kernel kernel = {0};
    const size_t bytes = event->payload_words * 8UL;
    memcpy(&kernel, event->payload, bytes < sizeof kernel ? bytes : sizeof kernel);
    return kernel;
}

bool capture_peek(const struct capture *capture, size_t *at, struct capture_event *event)
{
    if (capture->size - *at < 8)
        return false;
    const uint64_t *head = (const uint64_t *)(const void *)(capture->data + *at);
    const uint32_t words = gp_head_words(*head);
    if (words == 0 || words * 8UL > capture->size - *at)
        return false;
    *event = (struct capture_event){
        .offset = *at,
        .type = gp_head_type(*head),
        .thread = gp_head_thread(*head),
        .payload_words = words - 1,
        .payload = head + 1,
    };
    if (gp_head_is_short(*head) && !kinds_lengthen(capture, *head, event, capture->peeked))
        return false;
    *at += words * 8UL;
    return true;
}

void capture_rewind(struct capture *capture)
{
    capture->at = capture->header.header_bytes;
    capture->records = 0;
    capture->skipped = 0;
    capture->window = 0;
    capture->repeat.of = NULL;
    capture->end = CAPTURE_READING;
    memset(capture->thread_known, 0, GP_THREADS_MAX * sizeof *capture->thread_known);
}

static bool stop(struct capture *capture, enum capture_end end)
{
    capture->end = end;
    return false;
}

static bool corrupt(struct capture *capture, const char *what, uint64_t found)
{
    fail(capture, "byte %zu: corrupt record: %s (found %llu)", capture->at, what,
         (unsigned long long)found);
    return stop(capture, CAPTURE_END_CORRUPT);
}

/* The parts whose length is written in the record itself. */
static bool check_variable_part(struct capture *capture, const struct capture_event *event)
{
    size_t room = (event->payload_words + 1 - fixed_words[event->type]) * 8UL;
    if (event->type == GP_RECORD_STRING) {
        const struct gp_record_string *string = (const void *)event->payload;
        if (string->length > room)
            return corrupt(capture, "a string longer than its record", string->length);
        if (string->id == 0)
            return corrupt(capture, "a string with id 0", 0);
    } else if (event->type == GP_RECORD_API) {
        const struct gp_record_api *api = (const void *)event->payload;
        if (api->n_operands * sizeof(struct gp_record_api_operand) > room)
            return corrupt(capture, "more operands than the record holds", api->n_operands);
    } else if (event->type == GP_RECORD_CALL) {
        const struct gp_record_call *call = (const void *)event->payload;
        if (call->n_operands * 8UL > room)
            return corrupt(capture, "more operands than the record holds", call->n_operands);
    }
    return true;
}

/* Follows the clock of the record's thread. */
static bool tell_time(struct capture *capture, struct capture_event *event, uint64_t head)
{
    bool absolute = event->type == GP_RECORD_THREAD || event->type == GP_RECORD_TIME;
    uint64_t *clock = &capture->thread_ns[event->thread];
    if (event->type == GP_RECORD_THREAD)
        capture->thread_known[event->thread] = true;
    if (!capture->thread_known[event->thread])
        return corrupt(capture, "a record of a thread that was not introduced", event->thread);
    *clock = absolute ? event->payload[0] : *clock + gp_head_delta(head);
    event->ns = *clock;
    return true;
}

/* The step that the record begins may repeat another, or be in the middle of being taken back. */
static bool take_repeat(struct capture *capture, const struct capture_event *event)
{
    const struct gp_record_repeat *record = (const void *)event->payload;
    const uint64_t behind = event->offset + (event->payload_words + 1) * 8UL;
    if (record->void_words * 8UL > capture->size - behind)
        return stop(capture, CAPTURE_END_CUT);
    if (!capture->as_written && record->of != GP_REPEAT_WHOLE && record->of != GP_REPEAT_OUTLINE &&
        !repeats_begin(capture, event)) {
        if (capture->repeat.is_cut)
            return stop(capture, CAPTURE_END_CUT);
        return corrupt(capture, "a step that repeats none before", record->of * 8ULL);
    }
    capture->at = behind + record->void_words * 8UL;
    return true;
}

/* Gives back the pages behind the reader, since what is mapped counts as memory of this process,
   and takes the next ones at once. Advice: nothing depends on it. */
static void move_window(struct capture *capture)
{
    const size_t to = capture->at / WINDOW_BYTES * WINDOW_BYTES;
    char *mapping = capture->mapping;
    if (to > capture->window)
        madvise(mapping + capture->window, to - capture->window, MADV_DONTNEED);
    const size_t rest = capture->size - to;
    const size_t ahead = rest < 2 * WINDOW_BYTES ? rest : 2 * WINDOW_BYTES;
    madvise(mapping + to, ahead, MADV_POPULATE_READ);
    capture->window = to;
}

/* The record at the reader's place, with that head. */
static bool read_record(struct capture *capture, struct capture_event *event, uint64_t head)
{
    const uint32_t words = gp_head_words(head);
    event->type = gp_head_type(head);
    event->thread = gp_head_thread(head);
    event->offset = capture->at;
    event->payload = (const uint64_t *)(const void *)(capture->data + capture->at + 8);
    event->payload_words = words - 1;
    const uint32_t fixed = fixed_words[event->type];
    const bool is_short = gp_head_is_short(head) && fixed;
    if (words < (fixed && !is_short ? fixed : 1))
        return corrupt(capture, "shorter than its type's fixed part", words);
    if (words * 8UL > capture->size - capture->at)
        return stop(capture, CAPTURE_END_CUT);
    if (is_short && !kinds_lengthen(capture, head, event, capture->lengthened))
        return corrupt(capture, "a record in short form, and no kind of its", gp_head_kind(head));
    if (!tell_time(capture, event, head))
        return false;
    const char *fault = event->type == GP_RECORD_KIND ? kinds_take(capture, event) : NULL;
    if (fault)
        return corrupt(capture, fault,
                       ((const struct gp_record_kind *)(const void *)event->payload)->kind);
    return !fixed || check_variable_part(capture, event);
}

uint32_t capture_fixed_words(uint32_t type) { return fixed_words[type & 255]; }

bool capture_next(struct capture *capture, struct capture_event *event)
{
    if (capture->repeat.of && repeats_next(capture, event))
        return true;
    if (capture->at - capture->window >= 2 * WINDOW_BYTES)
        move_window(capture);
    while (capture->end == CAPTURE_READING) {
        if (capture->size - capture->at < 8)
            return stop(capture, capture->size == capture->at ? CAPTURE_END_FILE : CAPTURE_END_CUT);
        __builtin_prefetch(capture->data + capture->at + AHEAD_BYTES);
        uint64_t head = __atomic_load_n(
            (const uint64_t *)(const void *)(capture->data + capture->at), __ATOMIC_ACQUIRE);
        if (head == 0)
            return stop(capture, CAPTURE_END_ZERO);
        if (!read_record(capture, event, head))
            return false;
        const uint32_t words = gp_head_words(head);
        const bool known = fixed_words[event->type] != 0;
        if (event->type == GP_RECORD_REPEAT && !take_repeat(capture, event))
            return false;
        if (event->type != GP_RECORD_REPEAT)
            capture->at += words * 8UL;
        capture->records++;
        if (known)
            return true;
        capture->skipped++;
    }
    return false;
}
