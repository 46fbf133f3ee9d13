#include "replay/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "graphprof/capture_format.h"

#define BLOCK_MAX   64u /* a bit each in ledger_block.live */
#define TABLE_LEAST 10u /* log2 of the slots of the first table */
#define DEAD_MOST   4096u

struct ledger_place {
    uint64_t address;
    struct ledger_block *block;
    unsigned slot;                 /* in the block */
    struct allocation *allocation; /* NULL: nothing lives here now */
};

struct ledger_block {
    uint64_t live; /* by slot */
    unsigned n;
    uint64_t addresses[BLOCK_MAX];
    uint64_t ends[BLOCK_MAX]; /* of what lives there; 0: it is a handle. Else not looked at */
    struct ledger_place *places[BLOCK_MAX];
    struct ledger_block *before;
    struct ledger_block *behind;
};

struct ledger_slot {
    uint64_t address;
    struct ledger_place *place; /* NULL: empty */
};

void ledger_init(struct ledger *ledger, size_t payload_bytes)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->payload_bytes = (payload_bytes + 7) / 8 * 8;
}

static void free_index(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->n_blocks; i++)
        free(ledger->blocks[i]);
    free(ledger->table);
    ledger->table = NULL;
    ledger->table_bits = 0;
    ledger->n_blocks = ledger->n_places = 0;
}

void ledger_free(struct ledger *ledger)
{
    for (size_t b = 0; b < ledger->n_blocks; b++)
        for (unsigned i = 0; i < ledger->blocks[b]->n; i++)
            free(ledger->blocks[b]->places[i]);
    free_index(ledger);
    ledger_free_slabs(ledger);
    free(ledger->blocks);
    free(ledger->firsts);
    memset(ledger, 0, sizeof *ledger);
}

/* Index of the last element that is at most `key`; SIZE_MAX if there is none. Without a branch on
   the comparison, which no processor could foretell. */
static size_t last_at_most(const uint64_t *sorted, size_t n, uint64_t key)
{
    if (n == 0 || sorted[0] > key)
        return SIZE_MAX;
    size_t at = 0;
    while (n > 1) {
        const size_t half = n / 2;
        at += (size_t)(sorted[at + half] <= key) * half;
        n -= half;
    }
    return at;
}

static size_t slot_of(const struct ledger *ledger, uint64_t address)
{
    return (size_t)(address * 0x9e3779b97f4a7c15u >> (64 - ledger->table_bits));
}

static struct ledger_place *find_place(const struct ledger *ledger, uint64_t address)
{
    if (!ledger->table)
        return NULL;
    const size_t mask = ((size_t)1 << ledger->table_bits) - 1;
    for (size_t i = slot_of(ledger, address);; i = (i + 1) & mask) {
        const struct ledger_slot *slot = &ledger->table[i];
        if (!slot->place || slot->address == address)
            return slot->place;
    }
}

static void put_in_table(struct ledger *ledger, struct ledger_place *place)
{
    const size_t mask = ((size_t)1 << ledger->table_bits) - 1;
    size_t i = slot_of(ledger, place->address);
    while (ledger->table[i].place)
        i = (i + 1) & mask;
    ledger->table[i] = (struct ledger_slot){place->address, place};
}

/* Room for one place more, half of the slots empty. */
static void grow_table(struct ledger *ledger)
{
    if (ledger->table && 2 * (ledger->n_places + 1) <= (size_t)1 << ledger->table_bits)
        return;
    free(ledger->table);
    ledger->table_bits = ledger->table_bits ? ledger->table_bits + 1 : TABLE_LEAST;
    ledger->table = memory_zeroed((size_t)1 << ledger->table_bits, sizeof *ledger->table);
    for (size_t b = 0; b < ledger->n_blocks; b++)
        for (unsigned i = 0; i < ledger->blocks[b]->n; i++)
            put_in_table(ledger, ledger->blocks[b]->places[i]);
}

static void insert_block(struct ledger *ledger, size_t at, struct ledger_block *block)
{
    if (ledger->n_blocks == ledger->capacity)
        ledger->blocks =
            array_grown(ledger->blocks, &ledger->capacity, ledger->n_blocks + 1, sizeof(void *));
    ARRAY_RESERVE(ledger->firsts, ledger->firsts_capacity, ledger->n_blocks + 1);
    size_t behind = ledger->n_blocks - at;
    memmove(ledger->blocks + at + 1, ledger->blocks + at, behind * sizeof(void *));
    memmove(&ledger->firsts[at + 1], &ledger->firsts[at], behind * sizeof(uint64_t));
    ledger->blocks[at] = block;
    ledger->firsts[at] = block->n ? block->addresses[0] : 0;
    ledger->n_blocks++;
    block->before = at ? ledger->blocks[at - 1] : NULL;
    block->behind = at + 1 < ledger->n_blocks ? ledger->blocks[at + 1] : NULL;
    if (block->before)
        block->before->behind = block;
    if (block->behind)
        block->behind->before = block;
}

static bool is_handle(uint8_t space)
{
    return space == GP_SPACE_ARRAY || space == GP_SPACE_PHYSICAL;
}

static uint64_t end_of(const struct allocation *allocation)
{
    return is_handle(allocation->space) ? 0 : allocation->address + allocation->bytes;
}

static void set_slot(struct ledger_block *block, unsigned slot, struct ledger_place *place)
{
    block->addresses[slot] = place->address;
    block->ends[slot] = place->allocation ? end_of(place->allocation) : 0;
    block->places[slot] = place;
    place->block = block;
    place->slot = slot;
}

/* Moves the upper half of a full block into a new one behind it. */
static void split_block(struct ledger *ledger, size_t at)
{
    struct ledger_block *low = ledger->blocks[at];
    struct ledger_block *high = memory_zeroed(1, sizeof *high);
    const unsigned half = BLOCK_MAX / 2;
    high->n = BLOCK_MAX - half;
    for (unsigned i = 0; i < high->n; i++)
        set_slot(high, i, low->places[half + i]);
    high->live = low->live >> half;
    low->n = half;
    low->live &= ((uint64_t)1 << half) - 1;
    insert_block(ledger, at + 1, high);
}

static void put_in_block(struct ledger *ledger, struct ledger_place *place)
{
    size_t b = last_at_most(ledger->firsts, ledger->n_blocks, place->address);
    if (b == SIZE_MAX) {
        b = 0;
        if (ledger->n_blocks == 0)
            insert_block(ledger, 0, memory_zeroed(1, sizeof(struct ledger_block)));
    }
    if (ledger->blocks[b]->n == BLOCK_MAX) {
        split_block(ledger, b);
        if (place->address >= ledger->firsts[b + 1])
            b++;
    }
    struct ledger_block *block = ledger->blocks[b];
    /* SIZE_MAX + 1 is 0 */
    const unsigned at = (unsigned)(last_at_most(block->addresses, block->n, place->address) + 1);
    for (unsigned i = block->n++; i > at; i--)
        set_slot(block, i, block->places[i - 1]);
    const uint64_t below = ((uint64_t)1 << at) - 1;
    block->live = (block->live & below) | (block->live & ~below) << 1;
    set_slot(block, at, place);
    ledger->firsts[b] = block->addresses[0];
}

/* Forgets the places where nothing lives. */
static void drop_dead_places(struct ledger *ledger)
{
    struct ledger_place **kept = memory_zeroed(ledger->n_live, sizeof(void *));
    size_t n = 0;
    for (size_t b = 0; b < ledger->n_blocks; b++)
        for (unsigned i = 0; i < ledger->blocks[b]->n; i++) {
            struct ledger_place *place = ledger->blocks[b]->places[i];
            if (place->allocation)
                kept[n++] = place;
            else
                free(place);
        }
    free_index(ledger);
    for (size_t i = 0; i < n; i++) {
        grow_table(ledger);
        ledger->n_places++;
        put_in_table(ledger, kept[i]);
        put_in_block(ledger, kept[i]);
        kept[i]->block->live |= (uint64_t)1 << kept[i]->slot;
    }
    free(kept);
}

static struct ledger_place *add_place(struct ledger *ledger, uint64_t address)
{
    if (ledger->n_places > 2 * ledger->n_live + DEAD_MOST)
        drop_dead_places(ledger);
    struct ledger_place *place = memory_zeroed(1, sizeof *place);
    place->address = address;
    grow_table(ledger);
    ledger->n_places++;
    put_in_table(ledger, place);
    put_in_block(ledger, place);
    return place;
}

void ledger_insert(struct ledger *ledger, struct allocation *allocation)
{
    struct ledger_place *place = find_place(ledger, allocation->address);
    if (!place)
        place = add_place(ledger, allocation->address);
    place->allocation = allocation;
    place->block->live |= (uint64_t)1 << place->slot;
    place->block->ends[place->slot] = end_of(allocation);
    allocation->place = place;
    ledger->n_live++;
}

void ledger_remove(struct ledger *ledger, struct allocation *allocation)
{
    struct ledger_place *place = allocation->place;
    if (!place)
        return;
    place->allocation = NULL;
    place->block->live &= ~((uint64_t)1 << place->slot);
    allocation->place = NULL;
    ledger->n_live--;
}

/* A slot of a block in which something lives; `block` is NULL: none. */
struct ledger_live {
    const struct ledger_block *block;
    unsigned slot;
};

/* The last of a block in slots of `among`, else of the blocks before it. */
static struct ledger_live last_live(const struct ledger_block *block, uint64_t among)
{
    for (; block; block = block->before, among = UINT64_MAX)
        if (block->live & among)
            return (struct ledger_live){block, 63 - (unsigned)__builtin_clzll(block->live & among)};
    return (struct ledger_live){0};
}

/* The first of a block in slots of `among`, else of the blocks behind it. */
static struct ledger_live first_live(const struct ledger_block *block, uint64_t among)
{
    for (; block; block = block->behind, among = UINT64_MAX)
        if (block->live & among)
            return (struct ledger_live){block, (unsigned)__builtin_ctzll(block->live & among)};
    return (struct ledger_live){0};
}

static struct allocation *allocation_of(struct ledger_live at)
{
    return at.block ? at.block->places[at.slot]->allocation : NULL;
}

/* It begins at the address or before it, and has it inside. Handles have no inside. */
static bool holds(struct ledger_live at, uint64_t address)
{
    return at.block && address < at.block->ends[at.slot];
}

/* It begins behind the address, by less than so many bytes. */
static bool begins_within(struct ledger_live at, uint64_t address, uint64_t bytes)
{
    return at.block && at.block->addresses[at.slot] - address < bytes && at.block->ends[at.slot];
}

/* Bits 0 to `slot`. */
static uint64_t slots_to(unsigned slot) { return ((uint64_t)2 << slot % BLOCK_MAX) - 1; }

/* The block and slot of the last place at or before the address; false if all lie behind it. */
static bool place_at_most(const struct ledger *ledger, uint64_t address,
                          const struct ledger_block **block, unsigned *slot)
{
    const size_t b = last_at_most(ledger->firsts, ledger->n_blocks, address);
    if (b == SIZE_MAX)
        return false;
    *block = ledger->blocks[b];
    *slot = (unsigned)last_at_most((*block)->addresses, (*block)->n, address);
    return true;
}

struct allocation *ledger_at(const struct ledger *ledger, uint64_t address)
{
    const struct ledger_place *place = find_place(ledger, address);
    return place ? place->allocation : NULL;
}

struct allocation *ledger_holding(const struct ledger *ledger, uint64_t address)
{
    const struct ledger_place *place = find_place(ledger, address);
    if (place && place->allocation)
        return place->allocation;
    const struct ledger_block *block;
    unsigned slot;
    if (place) {
        block = place->block;
        slot = place->slot;
    } else if (!place_at_most(ledger, address, &block, &slot)) {
        return NULL;
    }
    const struct ledger_live found = last_live(block, slots_to(slot));
    return holds(found, address) ? allocation_of(found) : NULL;
}

struct allocation *ledger_from(const struct ledger *ledger, uint64_t address)
{
    const struct ledger_place *place = find_place(ledger, address);
    if (place)
        return allocation_of(first_live(place->block, UINT64_MAX << place->slot));
    const struct ledger_block *block;
    unsigned slot;
    if (!place_at_most(ledger, address, &block, &slot))
        return ledger->n_blocks ? allocation_of(first_live(ledger->blocks[0], UINT64_MAX)) : NULL;
    return allocation_of(first_live(block, ~slots_to(slot))); /* the address itself is no place */
}

struct allocation *ledger_next(const struct allocation *allocation)
{
    const struct ledger_place *place = allocation->place;
    return allocation_of(first_live(place->block, ~slots_to(place->slot)));
}

void ledger_each(const struct ledger *ledger,
                 void (*each)(void *context, struct allocation *allocation), void *context)
{
    for (size_t b = 0; b < ledger->n_blocks; b++)
        for (uint64_t live = ledger->blocks[b]->live; live; live &= live - 1)
            each(context, ledger->blocks[b]->places[__builtin_ctzll(live)]->allocation);
}

struct allocation *ledger_overlapped(const struct ledger *ledger, uint64_t address, uint64_t bytes,
                                     uint8_t space)
{
    if (!ledger->n_live)
        return NULL;
    const struct ledger_place *place = find_place(ledger, address);
    if (place && place->allocation)
        return place->allocation;
    if (is_handle(space))
        return NULL;
    const struct ledger_block *block;
    unsigned slot;
    if (place) {
        block = place->block;
        slot = place->slot;
    } else if (!place_at_most(ledger, address, &block, &slot)) {
        const struct ledger_live above =
            first_live(ledger->n_blocks ? ledger->blocks[0] : NULL, UINT64_MAX);
        return begins_within(above, address, bytes) ? allocation_of(above) : NULL;
    }
    const struct ledger_live below = last_live(block, slots_to(slot));
    if (holds(below, address))
        return allocation_of(below);
    const struct ledger_live above = first_live(block, ~slots_to(slot));
    return begins_within(above, address, bytes) ? allocation_of(above) : NULL;
}
