#include "kinds.h"

#include <stdatomic.h>

#include "emit.h"
#include "graphprof/short_form.h"

#define KINDS  8192u  /* at most GP_KINDS_MAX; numbers are given in turn: readers keep a table */
#define SLOTS  16384u /* a power of 2 */
#define PROBES 16u    /* so that a full table costs no more */
#define RECENT 4096u  /* kinds that may be seen again */

static struct kind {
    enum gp_record_type type;
    uint64_t words[2];
} kinds[KINDS];
static _Atomic uint32_t n_kinds;        /* stored when the kind is there, and its KIND record */
static _Atomic uint32_t slots[SLOTS];   /* a kind's number and 1, by hash */
static _Atomic uint32_t recent[RECENT]; /* hashes of kinds that were seen once */
static atomic_flag inserting = ATOMIC_FLAG_INIT;

static uint64_t hash_of(enum gp_record_type type, const uint64_t words[2])
{
    uint64_t hash = (words[0] + type) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 32 ^ words[1]) * UINT64_C(0xbf58476d1ce4e5b9);
    return hash ^ hash >> 29;
}

/* The kind's number; else GP_KIND_NONE, and the slot where it belongs into *empty. */
static uint32_t find(enum gp_record_type type, const uint64_t words[2], uint64_t hash,
                     uint32_t *empty)
{
    *empty = GP_KIND_NONE;
    for (unsigned i = 0; i < PROBES; i++) {
        const uint32_t at = (uint32_t)(hash + i) % SLOTS;
        const uint32_t number = atomic_load_explicit(&slots[at], memory_order_acquire);
        if (!number) {
            *empty = at;
            return GP_KIND_NONE;
        }
        const struct kind *kind = &kinds[number - 1];
        if (kind->type == type && kind->words[0] == words[0] && kind->words[1] == words[1])
            return number - 1;
    }
    return GP_KIND_NONE;
}

/* Under `inserting`. */
static uint32_t insert(enum gp_record_type type, const uint64_t words[2], uint64_t hash)
{
    uint32_t empty;
    const uint32_t found = find(type, words, hash, &empty);
    const uint32_t number = atomic_load_explicit(&n_kinds, memory_order_relaxed);
    if (found != GP_KIND_NONE || empty == GP_KIND_NONE || number == KINDS)
        return found;
    const struct gp_record_kind record = {number, type, {words[0], words[1]}};
    if (!gp_emit_kind(&record))
        return GP_KIND_NONE;
    kinds[number] = (struct kind){type, {words[0], words[1]}};
    atomic_store_explicit(&n_kinds, number + 1, memory_order_release);
    atomic_store_explicit(&slots[empty], number + 1, memory_order_release);
    return number;
}

uint32_t gp_kind_of(enum gp_record_type type, const uint64_t words[2])
{
    const uint64_t hash = hash_of(type, words);
    uint32_t empty;
    uint32_t kind = find(type, words, hash, &empty);
    if (kind != GP_KIND_NONE || empty == GP_KIND_NONE)
        return kind;
    const uint32_t sign = (uint32_t)(hash >> 32);
    if (atomic_exchange_explicit(&recent[hash % RECENT], sign, memory_order_relaxed) != sign ||
        atomic_flag_test_and_set_explicit(&inserting, memory_order_acquire))
        return GP_KIND_NONE;
    kind = insert(type, words, hash);
    atomic_flag_clear_explicit(&inserting, memory_order_release);
    return kind;
}

const uint64_t *gp_kind_long_form(uint64_t head, const uint64_t *payload, uint64_t *room,
                                  unsigned *words)
{
    const uint32_t kind = gp_head_kind(head);
    *words = gp_head_words(head) - 1;
    if (!gp_head_is_short(head))
        return payload;
    if (kind >= atomic_load_explicit(&n_kinds, memory_order_acquire) ||
        kinds[kind].type != gp_head_type(head))
        return NULL;
    *words = gp_long_form((enum gp_record_type)gp_head_type(head), kinds[kind].words, payload,
                          *words, room);
    return *words ? room : NULL;
}
