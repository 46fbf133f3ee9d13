/* Records in short form (graphprof/short_form.h), and their kinds, for captures that are built. */
#ifndef TESTS_UNIT_SHORT_BUILDER_H
#define TESTS_UNIT_SHORT_BUILDER_H

#include "capture_builder.h"

#include <string.h>

static inline void build_kind(struct builder *to, uint32_t kind, enum gp_record_type type,
                              uint64_t first, uint64_t second)
{
    const struct gp_record_kind record = {kind, type, {first, second}};
    uint64_t words[3];
    memcpy(words, &record, sizeof words);
    build_record(to, 0, GP_RECORD_KIND, words, second ? 3 : 2);
}

/* The n words that stand behind the head. */
static inline void build_short(struct builder *to, enum gp_record_type type, uint32_t kind,
                               const uint64_t *own, unsigned n)
{
    const size_t at = to->size;
    uint64_t head;
    build_record(to, 0, type, own, n);
    memcpy(&head, to->data + at, sizeof head);
    head = gp_short_head(type, 1 + n, 0, gp_head_delta(head), kind);
    memcpy(to->data + at, &head, sizeof head);
}

#endif
