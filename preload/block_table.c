#include "block_table.h"

#include <stddef.h>
#include <sys/mman.h>

/* 32 bytes a slot, half of them used at most: from 256 KiB to 32 MiB. */
#define BITS_FIRST 13u
#define BITS_MOST  20u

static struct gp_block *slots;
static unsigned bits;
static uint32_t n_used;

static struct gp_block *find(uint64_t key)
{
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t i = key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits);
    while (slots[i].key && slots[i].key != key)
        i = (i + 1) & mask;
    return &slots[i];
}

/* A larger table, or one of the same size without the blocks that are not live. */
static bool renew(void)
{
    struct gp_block *const old = slots;
    const uint64_t n_old = old ? UINT64_C(1) << bits : 0;
    uint32_t n_live = 0;
    for (uint64_t i = 0; i < n_old; i++)
        n_live += old[i].size & 1;
    const bool grows = !old || n_live > n_old / 4;
    if (grows && bits == BITS_MOST)
        return false;
    const unsigned wanted = old ? bits + grows : BITS_FIRST;
    void *memory = mmap(NULL, sizeof *slots << wanted, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    slots = memory;
    bits = wanted;
    n_used = 0;
    for (uint64_t i = 0; i < n_old; i++)
        if (old[i].key && (grows || old[i].size & 1)) {
            *find(old[i].key) = old[i];
            n_used++;
        }
    if (old)
        munmap(old, n_old * sizeof *old);
    return true;
}

struct gp_block *gp_block_at(uint64_t address, bool inside)
{
    const uint64_t key = address << 1 | inside; /* no address has its highest bit set */
    if (key == 0)
        return NULL;
    if (slots) {
        struct gp_block *known = find(key);
        if (known->key)
            return known;
    }
    if ((!slots || n_used >= UINT32_C(1) << (bits - 1)) && !renew())
        return NULL;
    struct gp_block *fresh = find(key);
    fresh->key = key;
    n_used++;
    return fresh;
}
