#include "replay/physical.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/array.h"
#include "base/table.h"

struct mapping {
    uint64_t address;
    uint64_t bytes;
    struct physical *of;
    LIST_ENTRY(mapping) others; /* of the same memory */
    UT_hash_handle hh;
};

LIST_HEAD(mapping_list, mapping);

struct physical {
    uint64_t handle;
    unsigned handles; /* releases to come; 0: it is no longer found by its handle */
    struct allocation *allocation;
    struct mapping_list mappings;
    UT_hash_handle hh;
};

struct allocation *physical_at(const struct physical_memory *memory, uint64_t handle)
{
    struct physical *found = NULL;
    HASH_FIND(hh, memory->by_handle, &handle, sizeof handle, found);
    return found ? found->allocation : NULL;
}

void physical_made(struct physical_memory *memory, struct allocation *allocation)
{
    struct physical *made = memory_zeroed(1, sizeof *made);
    made->handle = allocation->address;
    made->handles = 1;
    made->allocation = allocation;
    LIST_INIT(&made->mappings);
    allocation->physical = made;
    HASH_ADD(hh, memory->by_handle, handle, sizeof made->handle, made);
}

bool physical_released(struct physical_memory *memory, struct allocation *allocation)
{
    struct physical *of = allocation->physical;
    if (--of->handles == 0)
        HASH_DEL(memory->by_handle, of);
    return of->handles == 0 && LIST_EMPTY(&of->mappings);
}

void physical_retained(struct allocation *allocation) { allocation->physical->handles++; }

static void drop_mapping(struct physical_memory *memory, struct mapping *mapping)
{
    HASH_DEL(memory->by_address, mapping);
    LIST_REMOVE(mapping, others);
    free(mapping);
}

/* Where it lies now, by its mappings. */
static void place(const struct physical_owner *owner, struct allocation *allocation)
{
    const struct physical *of = allocation->physical;
    const struct mapping *mapping = NULL, *home = NULL;
    LIST_FOREACH(mapping, &of->mappings, others)
    if (mapping->bytes == allocation->bytes)
        home = mapping; /* the oldest, which is the last of the list */
    const uint64_t address = home ? home->address : of->handle;
    if (allocation->address == address)
        return;
    struct ledger *ledger = owner->ledger_of(owner->context, allocation);
    ledger_remove(ledger, allocation);
    if (home)
        owner->overlapped(owner->context, address, allocation->bytes);
    allocation->address = address;
    allocation->space = home ? GP_SPACE_DEVICE : GP_SPACE_PHYSICAL;
    ledger_insert(ledger, allocation);
}

static struct mapping *find_mapping(const struct physical_memory *memory, uint64_t address)
{
    struct mapping *found = NULL;
    HASH_FIND(hh, memory->by_address, &address, sizeof address, found);
    return found;
}

static void unmap(struct physical_memory *memory, const struct physical_owner *owner,
                  struct mapping *mapping)
{
    struct physical *of = mapping->of;
    drop_mapping(memory, mapping);
    if (of->handles == 0 && LIST_EMPTY(&of->mappings))
        owner->gone(owner->context, of->allocation);
    else
        place(owner, of->allocation);
}

static void map(struct physical_memory *memory, const struct physical_owner *owner,
                struct allocation *allocation, const struct gp_record_map *record)
{
    struct mapping *old = find_mapping(memory, record->address);
    if (old)
        unmap(memory, owner, old); /* unseen */
    struct mapping *made = memory_zeroed(1, sizeof *made);
    made->address = record->address;
    made->bytes = record->bytes;
    made->of = allocation->physical;
    LIST_INSERT_HEAD(&made->of->mappings, made, others);
    HASH_ADD(hh, memory->by_address, address, sizeof made->address, made);
    place(owner, allocation);
}

void physical_take_map(struct physical_memory *memory, const struct physical_owner *owner,
                       const struct gp_record_map *record)
{
    if (record->handle == 0) { /* whole mappings, side by side */
        const uint64_t end = record->address + record->bytes;
        uint64_t at = record->address;
        for (struct mapping *next; at < end && (next = find_mapping(memory, at)) != NULL;) {
            at += next->bytes;
            unmap(memory, owner, next);
        }
        return;
    }
    struct allocation *allocation = physical_at(memory, record->handle);
    if (allocation && record->bytes == 0)
        physical_retained(allocation);
    else if (allocation)
        map(memory, owner, allocation, record);
}

void physical_forget(struct physical_memory *memory, struct allocation *allocation)
{
    struct physical *of = allocation->physical;
    if (!of)
        return;
    while (!LIST_EMPTY(&of->mappings))
        drop_mapping(memory, LIST_FIRST(&of->mappings));
    if (of->handles)
        HASH_DEL(memory->by_handle, of);
    allocation->address = of->handle;
    allocation->space = GP_SPACE_PHYSICAL;
    allocation->physical = NULL;
    free(of);
}

void physical_free(struct physical_memory *memory)
{
    while (memory->by_address) {
        /* The analyzer takes the head of a table for an entry that has others before it. */
        struct physical *of = memory->by_address->of; // NOLINT(clang-analyzer-unix.Malloc)
        drop_mapping(memory, memory->by_address);
        if (of->handles == 0 && LIST_EMPTY(&of->mappings))
            free(of);
    }
    TABLE_FREE(struct physical, memory->by_handle);
}
