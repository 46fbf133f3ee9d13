#include "capture/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"
#include "capture/address_lists.h"

/* Where blocks lie whose addresses are not known: beyond what a device has, each step's apart from
   what lives. */
#define SOMEWHERE (UINT64_C(1) << 62)

/* A step that others repeat. */
struct repeated {
    uint32_t place;    /* of its REPEAT record, in words */
    uint32_t *records; /* its allocations and frees, places in words */
    uint8_t *outer;    /* by record, enum outer_block */
    size_t n;
    size_t capacity;
    UT_hash_handle hh;
};

/* A block that the step made, while its records are gathered. */
struct made {
    uint64_t key;
    size_t record;
    UT_hash_handle hh;
};

/* An allocation or a free that was found to stand at that place, in words. */
static struct capture_event record_at(const struct capture *capture, uint32_t place)
{
    struct capture_event event = {0};
    size_t byte = place * 8UL;
    capture_peek(capture, &byte, &event);
    return event;
}

/* A caching allocator's block may have the address of what it lies in. */
static uint64_t key_of(const struct capture_event *event)
{
    const struct gp_record_alloc *alloc = (const void *)event->payload;
    const struct gp_record_free *gone = (const void *)event->payload;
    const uint8_t space = event->type == GP_RECORD_ALLOC ? alloc->space : gone->space;
    return event->payload[0] << 1 | (space == GP_SPACE_BLOCK);
}

/* Tells which blocks the step both made and freed. */
static void match(struct repeated *repeated, const struct capture *capture)
{
    struct made *blocks = memory_zeroed(repeated->n, sizeof *blocks);
    struct made *table = NULL;
    repeated->outer = memory_zeroed(repeated->n + 1, sizeof *repeated->outer);
    for (size_t i = 0; i < repeated->n; i++) {
        const struct capture_event event = record_at(capture, repeated->records[i]);
        const bool is_alloc = event.type == GP_RECORD_ALLOC;
        const uint64_t key = key_of(&event);
        struct made *made = NULL;
        HASH_FIND(hh, table, &key, sizeof key, made);
        repeated->outer[i] = is_alloc ? OUTER_LEFT : made ? NOT_OUTER : OUTER_FREED;
        if (made) {
            if (!is_alloc)
                repeated->outer[made->record] = NOT_OUTER;
            HASH_DEL(table, made);
        }
        if (is_alloc) {
            blocks[i].key = key;
            blocks[i].record = i;
            HASH_ADD(hh, table, key, sizeof key, &blocks[i]);
        }
    }
    HASH_CLEAR(hh, table);
    free(blocks);
}

/* Up to byte `end` the capture was read before, so records are whole where `place` is one's. */
static bool gather(struct repeated *repeated, const struct capture *capture, size_t end)
{
    struct capture_event event;
    size_t byte = repeated->place * 8UL;
    if (byte < capture->header.header_bytes || byte >= end)
        return false;
    while (byte < end) {
        const size_t begin = byte;
        if (!capture_peek(capture, &byte, &event) || byte > end)
            return false;
        if ((event.type == GP_RECORD_REPEAT) != (begin == repeated->place * 8UL))
            break;
        if (event.payload_words + 1 < capture_fixed_words(event.type))
            return false;
        if (event.type == GP_RECORD_ALLOC || event.type == GP_RECORD_FREE) {
            ARRAY_RESERVE(repeated->records, repeated->capacity, repeated->n + 1);
            repeated->records[repeated->n++] = (uint32_t)(begin / 8);
        }
    }
    match(repeated, capture);
    return byte > repeated->place * 8UL;
}

static void drop(struct repeated *repeated)
{
    free(repeated->records);
    free(repeated->outer);
    free(repeated);
}

static struct repeated *find(struct capture *capture, uint32_t place, size_t end)
{
    struct repeated *of = NULL;
    HASH_FIND(hh, capture->repeated, &place, sizeof place, of);
    if (of)
        return of;
    of = memory_zeroed(1, sizeof *of);
    of->place = place;
    if (!gather(of, capture, end)) {
        drop(of);
        return NULL;
    }
    HASH_ADD(hh, capture->repeated, place, sizeof of->place, of);
    return of;
}

bool repeats_begin(struct capture *capture, const struct capture_event *event)
{
    struct capture_repeat *repeat = &capture->repeat;
    memcpy(&repeat->record, event->payload, sizeof repeat->record);
    const struct gp_record_repeat *record = &repeat->record;
    repeat->of = find(capture, record->of, event->offset);
    repeat->has_list = record->addresses != 0;
    repeat->is_cut = false;
    repeat->taken = 0;
    repeat->offset = event->offset;
    repeat->thread = event->thread;
    repeat->next = 0;
    if (repeat->of && (uint64_t)record->n_inside + record->n_behind == repeat->of->n &&
        (!repeat->has_list || address_lists_read(capture, event, repeat->of->outer, repeat->of->n)))
        return true;
    repeat->of = NULL;
    return false;
}

bool repeats_next(struct capture *capture, struct capture_event *event)
{
    struct capture_repeat *repeat = &capture->repeat;
    const struct gp_record_repeat *record = &repeat->record;
    const uint32_t pop = record->n_inside + 1; /* the PUSH is event 0 */
    const uint32_t i = repeat->next++;
    event->ns = i < pop ? record->begin_ns : record->end_ns;
    event->payload = repeat->payload;
    if (i == 0 || i == pop) {
        const struct gp_record_range range = {i == 0 ? record->name : 0, record->domain};
        memcpy(repeat->payload, &range, sizeof range);
        event->type = i == 0 ? GP_RECORD_RANGE_PUSH : GP_RECORD_RANGE_POP;
        event->offset = repeat->offset + (i == 0 ? 0 : 8);
        event->thread = repeat->thread;
        event->payload_words = 1;
        return true;
    }
    const size_t n = i - (i < pop ? 1 : 2);
    if (n >= repeat->of->n) {
        repeat->of = NULL;
        return false;
    }
    const struct capture_event of = record_at(capture, repeat->of->records[n]);
    event->type = of.type;
    event->offset = of.offset;
    event->thread = of.thread;
    event->payload_words = of.type == GP_RECORD_ALLOC ? 3 : 2;
    memcpy(repeat->payload, of.payload, event->payload_words * sizeof *of.payload);
    if (repeat->of->outer[n] == NOT_OUTER)
        repeat->payload[0] |= SOMEWHERE;
    else if (repeat->has_list)
        repeat->payload[0] = repeat->addresses.numbers[repeat->taken++];
    return true;
}

void repeats_free(struct capture *capture)
{
    for (struct repeated *of = capture->repeated; of; of = of->hh.next) {
        free(of->records);
        free(of->outer);
    }
    TABLE_FREE(struct repeated, capture->repeated);
    capture->repeated = NULL;
    address_lists_free(capture);
}
