/* For unit tests: reads what a capture holds at the moment, through the recorder's own mapping or
   any copy of the file in memory. */
#ifndef TESTS_PRELOAD_WALK_H
#define TESTS_PRELOAD_WALK_H

#include <stdint.h>

#include "graphprof/capture_format.h"

/* Called for each record in order; `payload` points behind the head. */
typedef void walk_fn(uint64_t head, const void *payload, void *data);

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
        take(head, record + 1, data);
        at += gp_head_words(head) * sizeof(uint64_t);
    }
    return at;
}

#endif
