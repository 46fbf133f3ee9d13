#include "replay/segments.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/ledger.h"

/* What the scan keeps with each allocation that is not a block. */
struct candidate {
    uint64_t offset; /* of its record; 0: it is known for a segment already */
};

static struct candidate *candidate_of(struct allocation *allocation)
{
    return (struct candidate *)(void *)allocation->payload;
}

static void forget(struct ledger *ledger, struct allocation *allocation)
{
    ledger_remove(ledger, allocation);
    ledger_drop(ledger, allocation);
}

static void take_alloc(struct ledger *ledger, const struct capture_event *event)
{
    const struct gp_record_alloc *record = (const void *)event->payload;
    if (record->address == 0)
        return;
    for (struct allocation *old;
         (old = ledger_overlapped(ledger, record->address, record->bytes, record->space)) != NULL;)
        forget(ledger, old);
    struct allocation *made = ledger_make(ledger);
    made->address = record->address;
    made->bytes = record->bytes;
    made->device = record->device;
    made->space = record->space;
    candidate_of(made)->offset = event->offset;
    ledger_insert(ledger, made);
}

static void add(struct segments *segments, uint64_t offset)
{
    ARRAY_RESERVE(segments->offsets, segments->capacity, segments->n + 1);
    segments->offsets[segments->n++] = offset;
}

static void take_block(struct segments *segments, const struct ledger *ledger,
                       const struct gp_record_alloc *block)
{
    struct allocation *segment = ledger_holding(ledger, block->address);
    if (!segment) {
        segments->mapped = true;
    } else if (candidate_of(segment)->offset != 0) {
        add(segments, candidate_of(segment)->offset);
        candidate_of(segment)->offset = 0;
    }
}

static bool is_physical(const struct facts *facts, const struct gp_record_alloc *record)
{
    const struct fact_api *api = facts_api(facts, record->api);
    return record->space == GP_SPACE_ARRAY && api->known &&
           strcmp(strings_text(&facts->strings, api->name), "cuMemCreate") == 0;
}

static void take_reset(struct ledger *ledger, unsigned device)
{
    struct allocation *at = ledger_from(ledger, 0);
    while (at) {
        struct allocation *next = ledger_next(at);
        if (at->device == device)
            forget(ledger, at);
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
    struct ledger ledger;
    struct segments physical = {0};
    ledger_init(&ledger, sizeof(struct candidate));
    capture_rewind(capture);
    while (capture_next(capture, &event)) {
        const struct gp_record_alloc *alloc = (const void *)event.payload;
        const struct gp_record_free *gone = (const void *)event.payload;
        if (event.type == GP_RECORD_ALLOC && alloc->space == GP_SPACE_BLOCK) {
            take_block(segments, &ledger, alloc);
        } else if (event.type == GP_RECORD_ALLOC) {
            take_alloc(&ledger, &event);
            if (is_physical(facts, alloc))
                add(&physical, event.offset);
        } else if (event.type == GP_RECORD_FREE && gone->space != GP_SPACE_BLOCK) {
            struct allocation *freed = ledger_at(&ledger, gone->address);
            if (freed)
                forget(&ledger, freed);
        } else if (event.type == GP_RECORD_DEVICE_RESET) {
            take_reset(&ledger, (unsigned)event.payload[0]);
        }
    }
    ledger_free(&ledger);
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
