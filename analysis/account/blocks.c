#include "account/blocks.h"

#include "base/array.h"
#include "base/table.h"

/* Kept for good: there are no more than the device has. */
struct block {
    uint64_t number;
    uint64_t users; /* allocations that begin or end in it */
    UT_hash_handle hh;
};

void blocks_init(struct blocks *blocks, uint64_t granule)
{
    *blocks = (struct blocks){.granule = granule};
}

void blocks_free(struct blocks *blocks)
{
    TABLE_FREE(struct block, blocks->partial);
    blocks->partial = NULL;
}

static void use(struct blocks *blocks, uint64_t number)
{
    struct block *block = NULL;
    HASH_FIND(hh, blocks->partial, &number, sizeof number, block);
    if (!block) {
        block = memory_zeroed(1, sizeof *block);
        block->number = number;
        HASH_ADD(hh, blocks->partial, number, sizeof block->number, block);
    }
    if (block->users++ == 0)
        blocks->mapped += blocks->granule;
}

static void unuse(struct blocks *blocks, uint64_t number)
{
    struct block *block = NULL;
    HASH_FIND(hh, blocks->partial, &number, sizeof number, block);
    if (block && --block->users == 0)
        blocks->mapped -= blocks->granule;
}

void blocks_add(struct blocks *blocks, uint64_t address, uint64_t bytes)
{
    const uint64_t first = address / blocks->granule;
    const uint64_t last = (address + bytes - 1) / blocks->granule;
    if (blocks->granule == 1) {
        blocks->mapped += bytes;
        return;
    }
    use(blocks, first);
    if (last == first)
        return;
    use(blocks, last);
    blocks->mapped += (last - first - 1) * blocks->granule; /* nothing else lies in these */
}

void blocks_remove(struct blocks *blocks, uint64_t address, uint64_t bytes)
{
    const uint64_t first = address / blocks->granule;
    const uint64_t last = (address + bytes - 1) / blocks->granule;
    if (blocks->granule == 1) {
        blocks->mapped -= bytes;
        return;
    }
    unuse(blocks, first);
    if (last == first)
        return;
    unuse(blocks, last);
    blocks->mapped -= (last - first - 1) * blocks->granule;
}
