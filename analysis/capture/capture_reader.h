/*
 * Reads a capture (include/graphprof/capture_format.h) record by record, from the start to the end
 * by blocks that are read into a buffer: what is mapped costs more, a fault a page, and is mapped
 * for what is looked up at other places alone (capture_peek, capture/repeats.h).
 * What a file may hold is checked here: behind capture_next() a record of a known type has its
 * fixed part, its strings and operands lie inside it, and its time is absolute. A record in short
 * form is read as the long one that it stands for.
 *
 * A step that repeats an earlier one is read as the records of its range, allocations and frees.
 *
 * A capture may be cut anywhere, or still be written. Reading ends at the first zero head, at the
 * end of the file, at a record that the end of the file cuts, or at a corrupt record; `end` says
 * which. What stood before is good in each case.
 */
#ifndef ANALYSIS_CAPTURE_READER_H
#define ANALYSIS_CAPTURE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graphprof/capture_format.h"
#include "graphprof/short_form.h"

enum capture_end {
    CAPTURE_READING,
    CAPTURE_END_FILE,   /* the last record ends where the file ends */
    CAPTURE_END_ZERO,   /* a head that was never stored */
    CAPTURE_END_CUT,    /* the last record is longer than the file */
    CAPTURE_END_CORRUPT /* `fault` says where and why */
};

struct capture_event {
    uint64_t offset; /* of the head in the file, in bytes */
    uint64_t ns;     /* CLOCK_MONOTONIC */
    uint32_t type;   /* enum gp_record_type; types that are not known are skipped */
    uint32_t thread;
    uint32_t payload_words;
    const uint64_t *payload; /* the capture's, until the next event is read */
};

struct repeated;

struct capture_numbers {
    uint64_t *numbers;
    size_t capacity;
};

/* The REPEAT record that is being read out. */
struct capture_repeat {
    const struct repeated *of; /* NULL: none is */
    struct gp_record_repeat record;
    uint64_t offset;
    uint32_t thread;
    uint32_t next;                    /* event */
    uint64_t payload[3];              /* of the event */
    bool has_list;                    /* else its addresses are as in `of` */
    bool is_cut;                      /* the list goes on behind the file's end */
    size_t taken;                     /* of the list */
    struct capture_numbers addresses; /* the list */
    struct capture_numbers before;    /* another, in which a part of it stands (address_lists.h) */
};

struct capture {
    const char *path;
    int fd;
    void *mapping;
    const unsigned char *data; /* the same, as bytes */
    size_t size;
    size_t at;
    unsigned char *block; /* the file from block_at to block_end, */
    unsigned char *heads; /* and as it was a moment earlier, where it may still be written; or the
                             same */
    size_t block_at;
    size_t block_end;
    size_t short_end; /* before it, a record in short form is whole in the block, and next */
    size_t window;    /* the mapping's pages below were given back; they return when read */
    struct gp_capture_header header;
    uint64_t records; /* read since the last rewind, of any type */
    uint64_t skipped; /* of them: of a type that is not known */
    enum capture_end end;
    char fault[512]; /* one line that names file and byte offset */
    uint64_t *thread_ns;
    bool *thread_known;
    bool as_written; /* REPEAT records are not read out: what stands in the file and no more */
    struct capture_repeat repeat;
    struct repeated *repeated;    /* steps that others repeat, by place */
    struct gp_record_kind *kinds; /* by number; type 0: none was read so far */
    size_t n_kinds;
    size_t kinds_capacity;
    uint64_t lengthened[GP_SHORT_PAYLOAD_MAX]; /* payload of the event, */
    uint64_t *peeked;                          /* and of the one that was peeked at */
};

/* Maps and checks the header. False: `fault` says what is wrong. `path` must outlive the capture.
 */
bool capture_open(struct capture *capture, const char *path);
void capture_close(struct capture *capture);

/*
 * The next record. False at the end, of whatever kind. Behind a REPEAT record of a step that
 * repeats another come that step's events (capture/repeats.h), unless `as_written`.
 */
bool capture_next(struct capture *capture, struct capture_event *event);

/*
 * The record at byte *at, and its end into *at; its time is not told. The reader stays where it is.
 * For records that it has passed before a rewind. False at the end of the file. The payload is good
 * until the next peek.
 */
bool capture_peek(const struct capture *capture, size_t *at, struct capture_event *event);

/* A DEVICE_SAMPLE, also of a capture from before its last fields. */
struct gp_record_device_sample capture_sample(const struct capture_event *event);

/* A KERNEL, also one that ends before its last field. */
struct gp_record_kernel capture_kernel(const struct capture_event *event);

/* Words of a type's fixed part with the head; 0: the type is not known. */
uint32_t capture_fixed_words(uint32_t type);

/* Back to the first record. */
void capture_rewind(struct capture *capture);

/* Bytes of a STRING record's text, and where they stand. */
static inline const char *capture_string_text(const struct capture_event *event)
{
    return (const char *)(event->payload + 1);
}

#endif
