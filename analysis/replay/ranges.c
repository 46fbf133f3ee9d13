#include "replay/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void ranges_add_thread(struct range_threads *all, uint32_t thread)
{
    ARRAY_RESERVE(all->threads, all->capacity, (size_t)thread + 1);
    all->n_threads = (size_t)thread + 1;
}

void ranges_thread_begins(struct range_threads *all, uint32_t thread)
{
    struct range_thread *of = ranges_thread(all, thread);
    of->n_ranges = 0;
    of->n_started = 0;
    of->instance = all->last_instance++;
}

struct range *ranges_push(struct range_threads *all, uint32_t thread, uint32_t name,
                          uint32_t domain)
{
    struct range_thread *of = ranges_thread(all, thread);
    ARRAY_RESERVE(of->ranges, of->capacity, of->n_ranges + 1);
    struct range *range = &of->ranges[of->n_ranges++];
    memset(range, 0, sizeof *range);
    range->name = name;
    range->domain = domain;
    range->step = -1;
    range->serial = ++all->last_serial;
    return range;
}

struct range *ranges_to_pop(struct range_threads *all, uint32_t thread, uint32_t domain)
{
    struct range_thread *of = ranges_thread(all, thread);
    for (size_t i = of->n_ranges; i-- > 0;)
        if (!of->ranges[i].started && of->ranges[i].domain == domain)
            return &of->ranges[i];
    all->unmatched++;
    return NULL;
}

struct range *ranges_to_end(struct range_threads *all, uint64_t id, uint32_t *thread)
{
    for (size_t t = 0; t < all->n_threads; t++) {
        struct range_thread *of = &all->threads[t];
        for (size_t i = of->n_started ? of->n_ranges : 0; i-- > 0;)
            if (of->ranges[i].started && of->ranges[i].id == id) {
                *thread = (uint32_t)t;
                return &of->ranges[i];
            }
    }
    all->unmatched++;
    return NULL;
}

void ranges_remove(struct range_threads *all, uint32_t thread, struct range *range)
{
    struct range_thread *of = ranges_thread(all, thread);
    const size_t behind = of->n_ranges - (size_t)(range - of->ranges) - 1;
    of->n_started -= range->started;
    if (behind)
        memmove(range, range + 1, behind * sizeof *range);
    of->n_ranges--;
}

void ranges_clear(struct range_threads *all)
{
    for (size_t t = 0; t < all->n_threads; t++)
        free(all->threads[t].ranges);
    free(all->threads);
    memset(all, 0, sizeof *all);
}
