#include "capture/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"

/* Where blocks lie whose addresses are not known: beyond what a device has, each step's apart from
   what lives. */
#define SOMEWHERE (UINT64_C(1) << 62)

/* A step that others repeat. */
struct repeated {
    uint32_t place;    /* of its REPEAT record, in words */
    uint32_t *records; /* its allocations and frees, places in words */
    bool *outer;       /* by record: the block was not both made and freed in the step */
    size_t n;
    size_t n_outer;
    size_t capacity;
    UT_hash_handle hh;
};

/* A block that the step made, while its records are gathered. */
struct made {
    uint64_t key;
    size_t record;
    UT_hash_handle hh;
};

static const uint64_t *at(const struct capture *capture, uint64_t place)
{
    return (const uint64_t *)(const void *)capture->data + place;
}

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
    repeated->outer = memory_zeroed(repeated->n, sizeof *repeated->outer);
    for (size_t i = 0; i < repeated->n; i++) {
        const struct capture_event event = record_at(capture, repeated->records[i]);
        const bool is_alloc = event.type == GP_RECORD_ALLOC;
        const uint64_t key = key_of(&event);
        struct made *made = NULL;
        HASH_FIND(hh, table, &key, sizeof key, made);
        repeated->outer[i] = is_alloc || !made;
        if (made) {
            repeated->outer[made->record] &= is_alloc;
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
    for (size_t i = 0; i < repeated->n; i++)
        repeated->n_outer += repeated->outer[i];
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

struct capture_addresses repeats_addresses(const uint64_t *payload, uint32_t words, uint32_t *n)
{
    struct gp_record_addresses head;
    memcpy(&head, payload, sizeof head);
    const uint32_t room = (words - 1) * 8;
    struct capture_addresses list = {.next = (const unsigned char *)(payload + 1),
                                     .shift = head.shift & 63};
    list.end = list.next + (head.bytes < room ? head.bytes : room);
    *n = head.n;
    return list;
}

uint64_t repeats_next_address(struct capture_addresses *list)
{
    uint64_t number = 0;
    for (unsigned shift = 0; list->next < list->end && shift < 64; shift += 7) {
        const unsigned char byte = *list->next++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    list->address += number >> 1 ^ (number & 1 ? UINT64_MAX : 0);
    return list->address << list->shift;
}

/* The list of addresses at `place`, not behind `last`; false if there is none of that length. */
static bool find_list(struct capture *capture, uint64_t place, uint64_t last)
{
    struct capture_repeat *repeat = &capture->repeat;
    const uint64_t n_words = capture->size / 8;
    uint32_t n;
    if (place * 8 < capture->header.header_bytes || place > last || place + 2 > n_words)
        return false;
    const uint64_t head = *at(capture, place);
    const uint32_t words = gp_head_words(head);
    if (gp_head_type(head) != GP_RECORD_ADDRESSES || words < 2 || place + words > n_words)
        return false;
    repeat->has_list = true;
    repeat->list = repeats_addresses(at(capture, place) + 1, words - 1, &n);
    return n == repeat->of->n_outer;
}

bool repeats_begin(struct capture *capture, const struct capture_event *event)
{
    struct capture_repeat *repeat = &capture->repeat;
    const uint64_t behind = event->offset / 8 + event->payload_words + 1;
    memcpy(&repeat->record, event->payload, sizeof repeat->record);
    const struct gp_record_repeat *record = &repeat->record;
    repeat->of = find(capture, record->of, event->offset);
    repeat->has_list = false;
    repeat->offset = event->offset;
    repeat->thread = event->thread;
    repeat->next = 0;
    /* A list of its own stands right behind it, what is void left out. */
    const uint64_t list =
        record->addresses + (record->addresses == behind ? record->void_words : 0);
    if (repeat->of && (uint64_t)record->n_inside + record->n_behind == repeat->of->n &&
        (record->addresses == 0 || find_list(capture, list, behind + record->void_words)))
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
    if (!repeat->of->outer[n])
        repeat->payload[0] |= SOMEWHERE;
    else if (repeat->has_list)
        repeat->payload[0] = repeats_next_address(&repeat->list);
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
}
