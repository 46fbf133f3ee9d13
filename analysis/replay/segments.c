#include "replay/segments.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/ledger.h"
#include "replay/physical.h"

/* What the scan keeps with each allocation that is not a block. */
struct candidate {
    uint64_t offset; /* of its record; 0: it is known for a segment already */
};

static struct candidate *candidate_of(struct allocation *allocation)
{
    return (struct candidate *)(void *)allocation->payload;
}

/* What is live while the capture is looked through, blocks apart. */
struct scan {
    struct ledger ledger;
    struct physical_memory physical;
};

static void forget(struct scan *scan, struct allocation *allocation)
{
    ledger_remove(&scan->ledger, allocation);
    physical_forget(&scan->physical, allocation);
    ledger_drop(&scan->ledger, allocation);
}

static void drop_overlapped(struct scan *scan, uint64_t address, uint64_t bytes, uint8_t space)
{
    for (struct allocation *old;
         (old = ledger_overlapped(&scan->ledger, address, bytes, space)) != NULL;)
        forget(scan, old);
}

static void take_alloc(struct scan *scan, const struct capture_event *event)
{
    const struct gp_record_alloc *record = (const void *)event->payload;
    struct ledger *ledger = &scan->ledger;
    if (record->address == 0)
        return;
    drop_overlapped(scan, record->address, record->bytes, record->space);
    struct allocation *old =
        record->space == GP_SPACE_PHYSICAL ? physical_at(&scan->physical, record->address) : NULL;
    if (old)
        forget(scan, old);
    struct allocation *made = ledger_make(ledger);
    made->address = record->address;
    made->bytes = record->bytes;
    made->device = record->device;
    made->space = record->space;
    candidate_of(made)->offset = event->offset;
    ledger_insert(ledger, made);
    if (made->space == GP_SPACE_PHYSICAL)
        physical_made(&scan->physical, made);
}

static void add(struct segments *segments, uint64_t offset)
{
    ARRAY_RESERVE(segments->offsets, segments->capacity, segments->n + 1);
    segments->offsets[segments->n++] = offset;
}

static void take_free(struct scan *scan, const struct gp_record_free *record)
{
    const bool is_physical = record->space == GP_SPACE_PHYSICAL;
    struct allocation *freed = is_physical ? physical_at(&scan->physical, record->address)
                                           : ledger_at(&scan->ledger, record->address);
    if (freed && (!freed->physical || physical_released(&scan->physical, freed)))
        forget(scan, freed);
}

static struct ledger *ledger_of(void *context, const struct allocation *allocation)
{
    (void)allocation;
    return &((struct scan *)context)->ledger;
}

static void overlapped(void *context, uint64_t address, uint64_t bytes)
{
    drop_overlapped(context, address, bytes, GP_SPACE_DEVICE);
}

static void gone(void *context, struct allocation *allocation) { forget(context, allocation); }

static void take_map(struct scan *scan, const struct gp_record_map *record)
{
    const struct physical_owner owner = {scan, ledger_of, overlapped, gone};
    physical_take_map(&scan->physical, &owner, record);
}

/* A block lies in one segment, or over several of physical memory that are mapped side by side. */
static void take_block(struct segments *segments, const struct ledger *ledger,
                       const struct gp_record_alloc *block)
{
    struct allocation *segment = ledger_holding(ledger, block->address);
    if (!segment)
        segments->mapped = true;
    for (; segment && segment->address < block->address + block->bytes;
         segment = ledger_next(segment)) {
        if (candidate_of(segment)->offset == 0)
            continue;
        add(segments, candidate_of(segment)->offset);
        candidate_of(segment)->offset = 0;
    }
}

/* In captures of before there were MAP records. */
static bool is_physical(const struct facts *facts, const struct gp_record_alloc *record)
{
    const struct fact_api *api = facts_api(facts, record->api);
    return record->space == GP_SPACE_ARRAY && api->known &&
           strcmp(strings_text(&facts->strings, api->name), "cuMemCreate") == 0;
}

static void take_reset(struct scan *scan, unsigned device)
{
    struct allocation *at = ledger_from(&scan->ledger, 0);
    while (at) {
        struct allocation *next = ledger_next(at);
        if (at->device == device)
            forget(scan, at);
        at = next;
    }
}

static int compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A free that is refused afterwards is taken for one: a segment that was seen to be one stays it.
 */
void segments_scan(struct segments *segments, const struct facts *facts, struct capture *capture)
{
    struct capture_event event;
    struct segments physical = {0};
    struct scan scan = {0};
    ledger_init(&scan.ledger, sizeof(struct candidate));
    capture_rewind(capture);
    while (capture_next(capture, &event)) {
        const struct gp_record_alloc *alloc = (const void *)event.payload;
        const struct gp_record_free *freed = (const void *)event.payload;
        if (event.type == GP_RECORD_ALLOC && alloc->space == GP_SPACE_BLOCK) {
            take_block(segments, &scan.ledger, alloc);
        } else if (event.type == GP_RECORD_ALLOC) {
            take_alloc(&scan, &event);
            if (is_physical(facts, alloc))
                add(&physical, event.offset);
        } else if (event.type == GP_RECORD_FREE && freed->space != GP_SPACE_BLOCK) {
            take_free(&scan, freed);
        } else if (event.type == GP_RECORD_MAP) {
            take_map(&scan, (const void *)event.payload);
        } else if (event.type == GP_RECORD_DEVICE_RESET) {
            take_reset(&scan, (unsigned)event.payload[0]);
        }
    }
    physical_free(&scan.physical);
    ledger_free(&scan.ledger);
    for (size_t i = 0; segments->mapped && i < physical.n; i++)
        add(segments, physical.offsets[i]);
    segments_free(&physical);
    if (segments->n)
        qsort(segments->offsets, segments->n, sizeof *segments->offsets, compare);
}

bool segments_has(const struct segments *segments, uint64_t offset)
{
    return segments && segments->n &&
           bsearch(&offset, segments->offsets, segments->n, sizeof *segments->offsets, compare) !=
               NULL;
}

void segments_free(struct segments *segments)
{
    free(segments->offsets);
    *segments = (struct segments){0};
}
