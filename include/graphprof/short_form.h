/*
 * The short form of the records that a capture has most of. What such a record has in common with
 * many others (its call, size, stream, name) is its kind: written once, in a KIND record, and named
 * by its number in the heads of records in short form, which have the rest. One form says the same
 * as the other; a record whose kind has no number, or whose time does not fit, is in long form.
 *
 * Of an ALLOC the record has the address, its kind the rest; so of a FREE. A RANGE_PUSH, RANGE_POP
 * or MARK is its kind alone. A CALL has its operands, and may have them two to a word: bits 4 to 35
 * of each (0: not given), while those above are the kind's. A KERNEL has its correlation, how long
 * it took (32 bits each), when it started and the graph's node, if any.
 */
#ifndef GRAPHPROF_SHORT_FORM_H
#define GRAPHPROF_SHORT_FORM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "graphprof/capture_format.h"

#define GP_SHORT_OWN_MAX (GP_SHORT_WORDS_MAX - 1)
/* Words of a payload in long form at most, where there is a short one. */
#define GP_SHORT_PAYLOAD_MAX (1 + 2 * GP_SHORT_OWN_MAX)

struct gp_short_form {
    uint64_t kind[2];
    uint64_t own[GP_SHORT_OWN_MAX];
    unsigned n_own;
};

/* Operands two to a word, where they are multiples of 16 that lie in the same 64 GiB. The kind's
   second word: twice their bits from 36 on, and 1. */
static inline bool gp_short_pairs(const uint64_t *operands, unsigned n, struct gp_short_form *form)
{
    uint64_t high = 0;
    if (n < 2 || n > 2 * GP_SHORT_OWN_MAX)
        return false;
    form->n_own = (n + 1) / 2;
    for (unsigned i = 0; i < n; i++) {
        const uint64_t low = operands[i] >> 4 & UINT32_MAX;
        const uint64_t above = operands[i] >> 36 << 1 | 1;
        if (operands[i] && (!low || operands[i] & 15 || (high && above != high)))
            return false;
        high = operands[i] ? above : high;
        form->own[i / 2] = i % 2 ? form->own[i / 2] | low << 32 : low;
    }
    form->kind[1] = high;
    return high;
}

static inline bool gp_short_call(const uint64_t *operands, unsigned n, struct gp_short_form *form)
{
    if (gp_short_pairs(operands, n, form))
        return true;
    form->kind[1] = 0;
    form->n_own = n;
    if (n > GP_SHORT_OWN_MAX)
        return false;
    for (unsigned i = 0; i < n; i++)
        form->own[i] = operands[i];
    return true;
}

/* The short form of a payload of `words` words; of a CALL this is its first, and its operands stand
   at `operands`. False if it has none. */
static inline bool gp_short_form(enum gp_record_type type, const void *payload, unsigned words,
                                 const uint64_t *operands, unsigned n_operands,
                                 struct gp_short_form *form)
{
    uint64_t word[5] = {0};
    if (words < 1 || words > 5)
        return false;
    memcpy(word, payload, words * sizeof word[0]);
    form->kind[1] = 0;
    form->n_own = 0;
    switch (type) {
    case GP_RECORD_ALLOC:
        form->own[form->n_own++] = word[0];
        form->kind[0] = word[1];
        form->kind[1] = word[2];
        return words == 3;
    case GP_RECORD_FREE:
        form->own[form->n_own++] = word[0];
        form->kind[0] = word[1];
        return words == 2;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_POP:
    case GP_RECORD_MARK:
        form->kind[0] = word[0];
        return words == 1;
    case GP_RECORD_CALL:
        form->kind[0] = word[0];
        return words == 1 && gp_short_call(operands, n_operands, form);
    case GP_RECORD_KERNEL:
        form->own[form->n_own++] = (word[0] & UINT32_MAX) | (word[2] - word[1]) << 32;
        form->own[form->n_own++] = word[1];
        if (words == 5)
            form->own[form->n_own++] = word[4];
        form->kind[0] = word[0] >> 32;
        form->kind[1] = word[3];
        return words >= 4 && word[2] - word[1] <= UINT32_MAX;
    default:
        return false;
    }
}

/* Of a pair the second may be none: there is room for it. */
static inline unsigned gp_long_pairs(const uint64_t kind[2], const uint64_t *own, unsigned n,
                                     uint64_t *payload)
{
    const unsigned n_operands = (unsigned)(kind[0] >> 16 & UINT16_MAX);
    const uint64_t high = kind[1] >> 1 << 36;
    if ((n_operands + 1) / 2 != n)
        return 0;
    for (unsigned i = 0; i < n; i++) {
        const uint64_t low = own[i] & UINT32_MAX;
        const uint64_t next = own[i] >> 32;
        payload[1 + 2 * i] = low ? high | low << 4 : 0;
        payload[2 + 2 * i] = next ? high | next << 4 : 0;
    }
    return 1 + n_operands;
}

static inline unsigned gp_long_call(const uint64_t kind[2], const uint64_t *own, unsigned n,
                                    uint64_t *payload)
{
    if (n > GP_SHORT_OWN_MAX)
        return 0;
    payload[0] = kind[0];
    if (kind[1])
        return gp_long_pairs(kind, own, n, payload);
    for (unsigned i = 0; i < n; i++)
        payload[1 + i] = own[i];
    return 1 + n;
}

/* The long form's payload, at most GP_SHORT_PAYLOAD_MAX words, from the kind and the n words behind
   the head; its words, 0 if they are not such a record's. */
static inline unsigned gp_long_form(enum gp_record_type type, const uint64_t kind[2],
                                    const uint64_t *own, unsigned n, uint64_t *payload)
{
    switch (type) {
    case GP_RECORD_ALLOC:
        if (n != 1)
            return 0;
        payload[0] = own[0];
        payload[1] = kind[0];
        payload[2] = kind[1];
        return 3;
    case GP_RECORD_FREE:
        if (n != 1)
            return 0;
        payload[0] = own[0];
        payload[1] = kind[0];
        return 2;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_POP:
    case GP_RECORD_MARK:
        payload[0] = kind[0];
        return n == 0;
    case GP_RECORD_CALL:
        return gp_long_call(kind, own, n, payload);
    case GP_RECORD_KERNEL:
        if (n < 2 || n > 3)
            return 0;
        payload[0] = (own[0] & UINT32_MAX) | kind[0] << 32;
        payload[1] = own[1];
        payload[2] = own[1] + (own[0] >> 32);
        payload[3] = kind[1];
        payload[4] = n == 3 ? own[2] : 0;
        return 2 + n;
    default:
        return 0;
    }
}

#endif
