#include "outer_blocks.h"

static struct outer {
    uint64_t address; /* 0: the block was made and freed in the step */
    bool is_freed;    /* else left live */
    uint32_t before;  /* a freed one's number in the step before */
} outer[GP_OUTER_MAX];
static uint32_t n_outer;

/* Of the step before, by number: how many stood before it in the two lists. */
static uint16_t among_all[GP_OUTER_MAX], among_left[GP_OUTER_MAX];
static uint32_t n_before;

static uint64_t listed[GP_OUTER_MAX];

void gp_outer_begin(void)
{
    uint32_t n = 0, n_left = 0;
    for (uint32_t i = 0; i < n_outer; i++) {
        among_all[i] = (uint16_t)n;
        among_left[i] = (uint16_t)n_left;
        n += outer[i].address != 0;
        n_left += outer[i].address && !outer[i].is_freed;
    }
    n_before = n_outer;
    n_outer = 0;
}

uint32_t gp_outer_made(uint64_t address)
{
    if (n_outer == GP_OUTER_MAX)
        return GP_NOT_OUTER;
    outer[n_outer] = (struct outer){address, false, GP_NOT_OUTER};
    return n_outer++;
}

void gp_outer_gone(uint32_t number)
{
    if (number < n_outer)
        outer[number].address = 0;
}

bool gp_outer_freed(uint64_t address, uint32_t number)
{
    if (n_outer == GP_OUTER_MAX)
        return false;
    outer[n_outer++] = (struct outer){address, true, number};
    return true;
}

static unsigned list(bool all, const uint64_t **addresses)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < n_outer; i++)
        if (outer[i].address && (all || !outer[i].is_freed))
            listed[n++] = outer[i].address;
    *addresses = listed;
    return n;
}
unsigned gp_outer_addresses(const uint64_t **addresses) { return list(true, addresses); }
unsigned gp_outer_left(const uint64_t **addresses) { return list(false, addresses); }

unsigned gp_outer_order(bool of_left, const uint64_t **indexes)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < n_outer; i++) {
        if (!outer[i].address || !outer[i].is_freed)
            continue;
        if (outer[i].before >= n_before)
            return 0;
        listed[n++] = of_left ? among_left[outer[i].before] : among_all[outer[i].before];
    }
    *indexes = listed;
    return n;
}
