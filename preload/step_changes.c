#include "step_changes.h"

#include <stdatomic.h>

/* The order of threads is chance, so what is noted is summed up rather than chained. */
static atomic_uint_fast64_t sum;
static atomic_uint_fast64_t seen[GP_STEP_CHANGES_MAX];
static atomic_uint n_seen;

void gp_step_changes_note(unsigned api, uint64_t bytes)
{
    uint64_t mixed = (bytes ^ (uint64_t)api << 48) + 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    atomic_fetch_add_explicit(&sum, mixed ^ mixed >> 31, memory_order_relaxed);
}

bool gp_step_changes_next(void)
{
    const uint64_t step = atomic_exchange_explicit(&sum, 0, memory_order_relaxed);
    unsigned n = atomic_load_explicit(&n_seen, memory_order_relaxed);
    for (unsigned i = n; i-- > 0;)
        if (atomic_load_explicit(&seen[i], memory_order_relaxed) == step)
            return false;
    /* Two threads that begin steps at once may take the same place: one step is told again. */
    if (n == GP_STEP_CHANGES_MAX)
        return false;
    atomic_store_explicit(&seen[n], step, memory_order_relaxed);
    atomic_store_explicit(&n_seen, n + 1, memory_order_relaxed);
    return true;
}
