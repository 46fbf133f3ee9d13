#include "account/gpu_busy.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void gpu_busy_init(struct gpu_busy *busy, const struct nodes *nodes)
{
    busy->nodes = nodes;
    busy->by_node = memory_zeroed(nodes->n_nodes, sizeof *busy->by_node);
    busy->touched = memory_zeroed(nodes->n_nodes, sizeof *busy->touched);
    busy->n_touched = 0;
}

void gpu_busy_free(struct gpu_busy *busy)
{
    free(busy->by_node);
    free(busy->touched);
    memset(busy, 0, sizeof *busy);
}

static int compare_begin(const void *a, const void *b)
{
    const struct gpu_work *x = a;
    const struct gpu_work *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return (x->end_ns > y->end_ns) - (x->end_ns < y->end_ns);
}

/* Work comes in order of its begin. */
static void unite(struct gpu_union *united, const struct gpu_work *work)
{
    const uint64_t from = work->start_ns > united->end_ns ? work->start_ns : united->end_ns;
    if (work->end_ns <= from)
        return;
    united->busy_ns += work->end_ns - from;
    united->end_ns = work->end_ns;
}

static struct gpu_node_busy *touch(struct gpu_busy *busy, uint32_t node)
{
    struct gpu_node_busy *of = &busy->by_node[node];
    if (!of->touched) {
        of->touched = true;
        busy->touched[busy->n_touched++] = node;
    }
    return of;
}

static void add(struct gpu_busy *busy, const struct gpu_work *work)
{
    struct gpu_node_busy *of = touch(busy, work->node);
    unite(&of->own, work);
    of->sum_ns += work->end_ns - work->start_ns;
    of->works++;
    for (uint32_t node = work->node;; node = busy->nodes->nodes[node].parent) {
        unite(&touch(busy, node)->whole, work);
        if (node == NODES_ROOT)
            return;
    }
}

void gpu_busy_take(struct gpu_busy *busy, struct gpu_work *work, size_t n)
{
    for (size_t i = 0; i < busy->n_touched; i++)
        memset(&busy->by_node[busy->touched[i]], 0, sizeof *busy->by_node);
    busy->n_touched = 0;
    touch(busy, NODES_ROOT);
    if (n)
        qsort(work, n, sizeof *work, compare_begin);
    for (size_t i = 0; i < n; i++)
        add(busy, &work[i]);
}
