/* For unit tests: reads what a capture holds at the moment, through the recorder's own mapping or
   any copy of the file in memory. */
#ifndef TESTS_PRELOAD_WALK_H
#define TESTS_PRELOAD_WALK_H

#include <stdint.h>

#include <string.h>

#include "graphprof/capture_format.h"
#include "graphprof/short_form.h"

/* Called for each record in order, in its long form; `payload` is what stands behind the head. */
typedef void walk_fn(uint64_t head, const void *payload, void *data);

/* In long form; of the walks of one capture the first begins at its first record. */
static inline void walk_take(uint64_t head, const uint64_t *payload, walk_fn *take, void *data)
{
    static struct gp_record_kind kinds[GP_KINDS_MAX];
    const enum gp_record_type type = (enum gp_record_type)gp_head_type(head);
    const unsigned n = gp_head_words(head) - 1;
    const size_t bytes = (size_t)n * sizeof *payload;
    uint64_t whole[GP_SHORT_PAYLOAD_MAX] = {0};
    if (type == GP_RECORD_KIND) {
        struct gp_record_kind kind = {0};
        memcpy(&kind, payload, bytes < sizeof kind ? bytes : sizeof kind);
        kinds[kind.kind % GP_KINDS_MAX] = kind;
    }
    if (gp_head_is_short(head)) {
        const unsigned words =
            gp_long_form(type, kinds[gp_head_kind(head)].words, payload, n, whole);
        head = gp_head(type, 1 + words, gp_head_thread(head), gp_head_delta(head));
        payload = whole;
    }
    take(head, payload, data);
}

/* Walks the records from `from` (0: the first) up to the first zero head or `size`; returns where
   it stopped. */
static inline uint64_t walk(const unsigned char *base, uint64_t size, uint64_t from, walk_fn *take,
                            void *data)
{
    uint64_t at =
        from ? from : ((const struct gp_capture_header *)(const void *)base)->header_bytes;
    while (at + sizeof(uint64_t) <= size) {
        const uint64_t *record = (const uint64_t *)(const void *)(base + at);
        const uint64_t head = __atomic_load_n(record, __ATOMIC_ACQUIRE);
        if (head == 0)
            break;
        walk_take(head, record + 1, take, data);
        at += gp_head_words(head) * sizeof(uint64_t);
    }
    return at;
}

#endif
