#include <inttypes.h>
#include <stdlib.h>

#include "account/median.h"
#include "base/array.h"
#include "base/kernel_name.h"
#include "tables/summary.h"

static void put_line(FILE *to, const char *node, const char *kernel, uint64_t calls, uint64_t ns,
                     uint64_t mad_ns)
{
    char name[KERNEL_NAME_BYTES];
    fprintf(to, "%s\t%s\t%" PRIu64 "\t%.6f\t%.6f\n", node, kernel_name_full(kernel, name), calls,
            (double)ns / 1e6, (double)mad_ns / 1e6);
}

/* Busy time of a node over the steps with GPU times: of its own work, or with its children's. */
static void put_node(FILE *to, const struct account *account, uint32_t node, bool whole)
{
    const struct node_account *of = &account->nodes.nodes[node];
    uint64_t *ns = memory_zeroed(of->n_samples, sizeof *ns);
    uint64_t *calls = memory_zeroed(of->n_samples, sizeof *calls);
    size_t n = 0;
    for (size_t i = 0; i < of->n_samples; i++) {
        const struct node_sample *sample = &of->samples[i];
        if (!account->gpu.counts[sample->step])
            continue;
        const struct node_gpu gpu = node_gpu_of(of, sample);
        calls[n] = node_levels_of(of, sample)->calls;
        ns[n++] = whole ? gpu.whole_ns : gpu.ns;
    }
    const uint64_t median = median_lower(ns, n);
    if (n)
        put_line(to, account->replay.nodes->nodes[node].path, whole ? "(with children)" : "(own)",
                 median_lower(calls, n), median, median_deviation(ns, n));
    free(ns);
    free(calls);
}

void kernels_print(FILE *to, const struct analysis *analysis)
{
    const struct account *account = &analysis->account;
    const struct node_steps *nodes = &account->nodes;
    size_t n;
    struct gpu_kernel_row *rows = gpu_time_kernels(&account->gpu, &n);
    fputs("node\tkernel\tcalls_per_step\tmedian_ms\tmad_ms\n", to);
    for (uint32_t at = account->gpu.n_steps ? nodes->first : 0; at;
         at = nodes->nodes[at - 1].after) {
        const uint32_t node = at - 1;
        put_node(to, account, node, false);
        if (nodes->nodes[node].has_children)
            put_node(to, account, node, true);
        for (size_t i = 0; i < n; i++)
            if (rows[i].node == node)
                put_line(to, account->replay.nodes->nodes[node].path, rows[i].name, rows[i].calls,
                         rows[i].ns, rows[i].mad_ns);
    }
    free(rows);
}
