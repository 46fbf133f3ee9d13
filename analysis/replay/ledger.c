#include "replay/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "graphprof/capture_format.h"

#define BLOCK_MAX 64u
#define SLAB      256u
#define POINTER   sizeof(void *)

struct ledger_block {
    size_t n;
    uint64_t addresses[BLOCK_MAX];
    struct allocation *values[BLOCK_MAX];
};

void ledger_init(struct ledger *ledger, size_t payload_bytes)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->payload_bytes = (payload_bytes + 7) / 8 * 8;
}

void ledger_free(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->n_blocks; i++)
        free(ledger->blocks[i]);
    for (size_t i = 0; i < ledger->n_slabs; i++)
        free(ledger->slabs[i]);
    free(ledger->blocks);
    free(ledger->firsts);
    free(ledger->slabs);
    memset(ledger, 0, sizeof *ledger);
}

struct allocation *ledger_make(struct ledger *ledger)
{
    size_t bytes = sizeof(struct allocation) + ledger->payload_bytes;
    if (!ledger->spare) {
        char *slab = memory_zeroed(SLAB, bytes);
        ARRAY_RESERVE(ledger->slabs, ledger->slabs_capacity, ledger->n_slabs + 1);
        ledger->slabs[ledger->n_slabs++] = slab;
        for (size_t i = 0; i < SLAB; i++) {
            struct allocation *fresh = (void *)(slab + i * bytes);
            fresh->next_spare = ledger->spare;
            ledger->spare = fresh;
        }
    }
    struct allocation *allocation = ledger->spare;
    ledger->spare = allocation->next_spare;
    memset(allocation, 0, bytes);
    return allocation;
}

void ledger_drop(struct ledger *ledger, struct allocation *allocation)
{
    allocation->next_spare = ledger->spare;
    ledger->spare = allocation;
}

/* Index of the last element that is at most `key`; SIZE_MAX if there is none. */
static size_t last_at_most(const uint64_t *sorted, size_t n, uint64_t key)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : SIZE_MAX;
}

static void insert_block(struct ledger *ledger, size_t at, struct ledger_block *block)
{
    if (ledger->n_blocks == ledger->capacity)
        ledger->blocks =
            array_grown(ledger->blocks, &ledger->capacity, ledger->n_blocks + 1, POINTER);
    ARRAY_RESERVE(ledger->firsts, ledger->firsts_capacity, ledger->n_blocks + 1);
    size_t behind = ledger->n_blocks - at;
    memmove(ledger->blocks + at + 1, ledger->blocks + at, behind * POINTER);
    memmove(&ledger->firsts[at + 1], &ledger->firsts[at], behind * sizeof(uint64_t));
    ledger->blocks[at] = block;
    ledger->firsts[at] = block->n ? block->addresses[0] : 0;
    ledger->n_blocks++;
}

/* Moves the upper half of a full block into a new one behind it. */
static void split_block(struct ledger *ledger, size_t at)
{
    struct ledger_block *low = ledger->blocks[at];
    struct ledger_block *high = memory_zeroed(1, sizeof *high);
    size_t half = BLOCK_MAX / 2;
    high->n = BLOCK_MAX - half;
    low->n = half;
    memcpy(high->addresses, low->addresses + half, high->n * sizeof high->addresses[0]);
    memcpy(high->values, low->values + half, high->n * POINTER);
    insert_block(ledger, at + 1, high);
}

void ledger_insert(struct ledger *ledger, struct allocation *allocation)
{
    uint64_t address = allocation->address;
    size_t b = last_at_most(ledger->firsts, ledger->n_blocks, address);
    if (b == SIZE_MAX) {
        b = 0;
        if (ledger->n_blocks == 0)
            insert_block(ledger, 0, memory_zeroed(1, sizeof(struct ledger_block)));
    }
    if (ledger->blocks[b]->n == BLOCK_MAX) {
        split_block(ledger, b);
        if (address >= ledger->firsts[b + 1])
            b++;
    }
    struct ledger_block *block = ledger->blocks[b];
    size_t at = last_at_most(block->addresses, block->n, address) + 1; /* SIZE_MAX + 1 is 0 */
    size_t behind = block->n - at;
    memmove(&block->addresses[at + 1], &block->addresses[at], behind * sizeof(uint64_t));
    memmove(&block->values[at + 1], &block->values[at], behind * POINTER);
    block->addresses[at] = address;
    block->values[at] = allocation;
    block->n++;
    ledger->firsts[b] = block->addresses[0];
    ledger->n_live++;
}

void ledger_remove(struct ledger *ledger, struct allocation *allocation)
{
    size_t b = last_at_most(ledger->firsts, ledger->n_blocks, allocation->address);
    if (b == SIZE_MAX)
        return;
    struct ledger_block *block = ledger->blocks[b];
    size_t at = last_at_most(block->addresses, block->n, allocation->address);
    if (at == SIZE_MAX || block->values[at] != allocation)
        return;
    size_t behind = block->n - at - 1;
    memmove(&block->addresses[at], &block->addresses[at + 1], behind * sizeof(uint64_t));
    memmove(&block->values[at], &block->values[at + 1], behind * POINTER);
    block->n--;
    ledger->n_live--;
    if (block->n) {
        ledger->firsts[b] = block->addresses[0];
        return;
    }
    free(block);
    behind = ledger->n_blocks - b - 1;
    memmove(ledger->blocks + b, ledger->blocks + b + 1, behind * POINTER);
    memmove(&ledger->firsts[b], &ledger->firsts[b + 1], behind * sizeof(uint64_t));
    ledger->n_blocks--;
}

/* The allocation with the highest address that is at most `address`, or NULL. */
static struct allocation *at_most(const struct ledger *ledger, uint64_t address)
{
    size_t b = last_at_most(ledger->firsts, ledger->n_blocks, address);
    if (b == SIZE_MAX)
        return NULL;
    const struct ledger_block *block = ledger->blocks[b];
    return block->values[last_at_most(block->addresses, block->n, address)];
}

struct allocation *ledger_at(const struct ledger *ledger, uint64_t address)
{
    struct allocation *found = at_most(ledger, address);
    return found && found->address == address ? found : NULL;
}

struct allocation *ledger_holding(const struct ledger *ledger, uint64_t address)
{
    struct allocation *found = at_most(ledger, address);
    if (!found || found->address == address)
        return found;
    bool inside = found->space != GP_SPACE_ARRAY && address - found->address < found->bytes;
    return inside ? found : NULL;
}

struct allocation *ledger_from(const struct ledger *ledger, uint64_t address)
{
    size_t b = last_at_most(ledger->firsts, ledger->n_blocks, address);
    if (b == SIZE_MAX)
        return ledger->n_blocks ? ledger->blocks[0]->values[0] : NULL;
    const struct ledger_block *block = ledger->blocks[b];
    size_t at = last_at_most(block->addresses, block->n, address);
    if (block->addresses[at] == address)
        return block->values[at];
    if (at + 1 < block->n)
        return block->values[at + 1];
    return b + 1 < ledger->n_blocks ? ledger->blocks[b + 1]->values[0] : NULL;
}
