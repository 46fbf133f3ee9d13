#include "memory_seen.h"

#include <stdatomic.h>

static _Atomic uint64_t lowest = UINT64_MAX;
static _Atomic uint64_t highest;
static atomic_bool in_pool;
static atomic_bool by_runtime;

void gp_memory_seen(uint64_t first, uint64_t end)
{
    uint64_t seen = atomic_load_explicit(&lowest, memory_order_relaxed);
    while (first < seen && !atomic_compare_exchange_weak_explicit(
                               &lowest, &seen, first, memory_order_relaxed, memory_order_relaxed))
        ;
    seen = atomic_load_explicit(&highest, memory_order_relaxed);
    while (end > seen && !atomic_compare_exchange_weak_explicit(
                             &highest, &seen, end, memory_order_relaxed, memory_order_relaxed))
        ;
}

uint64_t gp_memory_lowest(void) { return atomic_load_explicit(&lowest, memory_order_relaxed); }
uint64_t gp_memory_highest(void) { return atomic_load_explicit(&highest, memory_order_relaxed); }

void gp_memory_seen_in_pool(void) { atomic_store_explicit(&in_pool, true, memory_order_relaxed); }
bool gp_memory_was_in_pool(void) { return atomic_load_explicit(&in_pool, memory_order_relaxed); }

void gp_memory_seen_by_runtime(void)
{
    atomic_store_explicit(&by_runtime, true, memory_order_relaxed);
}
bool gp_memory_was_by_runtime(void)
{
    return atomic_load_explicit(&by_runtime, memory_order_relaxed);
}
