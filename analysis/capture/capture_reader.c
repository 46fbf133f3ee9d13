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

#define BLOCK_BYTES  ((size_t)128 << 10) /* some of the longest records, and a part of the cache */
#define WINDOW_BYTES ((size_t)1 << 20)
#define SHORT_BYTES  (GP_SHORT_WORDS_MAX * (size_t)8)

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
    capture->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (capture->fd < 0)
        return fail(capture, "cannot open: %s", strerror(errno));
    if (!map_file(capture, capture->fd) || !check_header(capture)) {
        capture_close(capture);
        return false;
    }
    capture->block = memory_zeroed(BLOCK_BYTES, 1);
    capture->heads =
        capture->header.flags & GP_CAPTURE_CLOSED ? capture->block : memory_zeroed(BLOCK_BYTES, 1);
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
    if (capture->path && capture->fd >= 0)
        close(capture->fd);
    if (capture->heads != capture->block)
        free(capture->heads);
    free(capture->block);
    free(capture->thread_ns);
    free(capture->thread_known);
    free(capture->kinds);
    free(capture->peeked);
    repeats_free(capture);
    capture->kinds = NULL;
    capture->n_kinds = capture->kinds_capacity = 0;
    capture->peeked = NULL;
    capture->fd = -1;
    capture->block = capture->heads = NULL;
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
    capture->block_at = capture->block_end = capture->short_end = 0;
    capture->repeat.of = NULL;
    capture->end = CAPTURE_READING;
    memset(capture->thread_known, 0, GP_THREADS_MAX * sizeof *capture->thread_known);
}

static bool stop(struct capture *capture, enum capture_end end)
{
    capture->end = end;
    capture->short_end = 0;
    return false;
}

static bool corrupt(struct capture *capture, const char *what, uint64_t found)
{
    fail(capture, "byte %zu: corrupt record: %s (found %llu)", capture->at, what,
         (unsigned long long)found);
    return stop(capture, CAPTURE_END_CORRUPT);
}

#define VARIABLE_TYPES                                                                             \
    (UINT64_C(1) << GP_RECORD_STRING | UINT64_C(1) << GP_RECORD_API |                              \
     UINT64_C(1) << GP_RECORD_CALL | UINT64_C(1) << GP_RECORD_KIND)

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
    } else if (event->type == GP_RECORD_KIND) {
        const char *fault = kinds_take(capture, event);
        if (fault)
            return corrupt(capture, fault,
                           ((const struct gp_record_kind *)(const void *)event->payload)->kind);
    }
    return true;
}

/* THREAD and TIME records set their thread's clock. */
static void set_clock(struct capture *capture, const struct capture_event *event)
{
    if (event->type == GP_RECORD_THREAD)
        capture->thread_known[event->thread] = true;
    capture->thread_ns[event->thread] = event->payload[0];
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
    if (capture->repeat.of)
        capture->short_end = 0;
    return true;
}

/* Gives back the pages behind the reader, since what is mapped counts as memory of this process.
   Advice: nothing depends on it. */
static void move_window(struct capture *capture)
{
    const size_t to = capture->at / WINDOW_BYTES * WINDOW_BYTES;
    if (to > capture->window)
        madvise((char *)capture->mapping + capture->window, to - capture->window, MADV_DONTNEED);
    capture->window = to;
}

/* Bytes of the file from the reader's place on; fewer where it ends, or cannot be read. */
static size_t read_into(const struct capture *capture, unsigned char *to, size_t bytes)
{
    size_t got = 0;
    while (got < bytes) {
        const ssize_t n = pread(capture->fd, to + got, bytes - got, (off_t)(capture->at + got));
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        got += n > 0 ? (size_t)n : 0;
    }
    return got;
}

static void set_short_end(struct capture *capture)
{
    capture->short_end = capture->block_end > SHORT_BYTES ? capture->block_end - SHORT_BYTES : 0;
}

/*
 * Reads on, so that the block begins at the reader's place. False: it has fewer bytes than that. A
 * head is stored when what stands behind it is: where the capture may still be written, heads are
 * read first, and the rest once more afterwards.
 */
static bool read_block(struct capture *capture, size_t bytes)
{
    const size_t rest = capture->size - capture->at;
    size_t got = read_into(capture, capture->heads, rest < BLOCK_BYTES ? rest : BLOCK_BYTES);
    if (capture->heads != capture->block)
        got = read_into(capture, capture->block, got);
    capture->block_at = capture->at;
    capture->block_end = capture->at + got;
    set_short_end(capture);
    if (capture->at - capture->window >= 2 * WINDOW_BYTES)
        move_window(capture);
    return got >= bytes;
}

static bool in_block(struct capture *capture, size_t bytes)
{
    return capture->at + bytes <= capture->block_end || read_block(capture, bytes);
}

static const uint64_t *block_words(const struct capture *capture)
{
    return (const void *)(capture->block + (capture->at - capture->block_at));
}

/* The record at the reader's place, with that head. */
static bool read_record(struct capture *capture, struct capture_event *event, uint64_t head)
{
    const uint32_t words = gp_head_words(head);
    event->type = gp_head_type(head);
    event->thread = gp_head_thread(head);
    event->offset = capture->at;
    event->payload_words = words - 1;
    const uint32_t fixed = fixed_words[event->type];
    const bool is_short = gp_head_is_short(head) && fixed;
    if (words < (fixed && !is_short ? fixed : 1))
        return corrupt(capture, "shorter than its type's fixed part", words);
    if (!in_block(capture, words * 8UL))
        return stop(capture, CAPTURE_END_CUT);
    event->payload = block_words(capture) + 1;
    if (is_short && !kinds_lengthen(capture, head, event, capture->lengthened))
        return corrupt(capture, "a record in short form, and no kind of its", gp_head_kind(head));
    if (event->type <= GP_RECORD_TIME)
        set_clock(capture, event);
    else
        capture->thread_ns[event->thread] += gp_head_delta(head);
    event->ns = capture->thread_ns[event->thread];
    if (!capture->thread_known[event->thread])
        return corrupt(capture, "a record of a thread that was not introduced", event->thread);
    return !fixed || check_variable_part(capture, event);
}

/*
 * The next record, if it is in short form and of those types that a capture has most of: the same
 * as read_record does, in less time. False, and nothing has happened: it is not, or not good.
 */
static inline bool next_short(struct capture *capture, struct capture_event *event)
{
    const size_t at = capture->at;
    uint64_t head;
    memcpy(&head, capture->heads + (at - capture->block_at), sizeof head);
    const uint32_t number = gp_head_kind(head);
    const uint32_t thread = gp_head_thread(head);
    const uint32_t n_own = (uint32_t)(head >> 8 & GP_SHORT_WORDS_MAX) - 1;
    if (!gp_head_is_short(head) || number >= capture->n_kinds || !capture->thread_known[thread])
        return false;
    const struct gp_record_kind *kind = &capture->kinds[number];
    event->payload = block_words(capture) + 1;
    event->payload_words = n_own;
    event->type = gp_head_type(head);
    if (kind->type != event->type || !kinds_lengthen_quickly(kind, event, capture->lengthened))
        return false;
    event->thread = thread;
    event->offset = at;
    event->ns = capture->thread_ns[thread] += gp_short_delta(head);
    capture->at = at + (n_own + 1) * 8UL;
    capture->records++;
    return true;
}

uint32_t capture_fixed_words(uint32_t type) { return fixed_words[type & 255]; }

/* What is not in next_short's way. */
__attribute__((noinline)) static bool next_other(struct capture *capture,
                                                 struct capture_event *event)
{
    if (capture->repeat.of) {
        if (repeats_next(capture, event))
            return true;
        set_short_end(capture);
    }
    while (capture->end == CAPTURE_READING) {
        if (!in_block(capture, 8))
            return stop(capture, capture->size == capture->at ? CAPTURE_END_FILE : CAPTURE_END_CUT);
        uint64_t head;
        memcpy(&head, capture->heads + (capture->at - capture->block_at), sizeof head);
        if (head == 0)
            return stop(capture, CAPTURE_END_ZERO);
        if (!read_record(capture, event, head))
            return false;
        if (event->type == GP_RECORD_REPEAT && !take_repeat(capture, event))
            return false;
        if (event->type != GP_RECORD_REPEAT)
            capture->at += gp_head_words(head) * 8UL;
        capture->records++;
        if (fixed_words[event->type])
            return true;
        capture->skipped++;
    }
    return false;
}

bool capture_next(struct capture *capture, struct capture_event *event)
{
    return (capture->at < capture->short_end && next_short(capture, event)) ||
           next_other(capture, event);
}
