#include <stdlib.h>

#include "base/array.h"
#include "ranks/ranks.h"

#define TOP 5

static double mib(double bytes) { return bytes / (1024 * 1024); }
static double ms(double ns) { return ns / 1e6; }

static void print_runs(FILE *to, const struct ranks *ranks)
{
    size_t slowest = 0, largest = 0;
    double ns = 0, bytes = 0;
    fputs("    rank     step time            peak\n", to);
    for (size_t i = 0; i < ranks->n_runs; i++) {
        const struct rank_run *run = &ranks->runs[i];
        fprintf(to, "  %6ld %10.3f ms %11.2f MiB  in %s, on %s of %s\n", run->rank,
                ms((double)run->step_ns), mib((double)run->peak_bytes), run->peak_node, run->device,
                run->host);
        ns += (double)run->step_ns;
        bytes += (double)run->peak_bytes;
        slowest = run->step_ns > ranks->runs[slowest].step_ns ? i : slowest;
        largest = run->peak_bytes > ranks->runs[largest].peak_bytes ? i : largest;
    }
    const double n = (double)ranks->n_runs;
    const double slow = (double)ranks->runs[slowest].step_ns;
    const double large = (double)ranks->runs[largest].peak_bytes;
    fprintf(to, "slowest: rank %ld, %.3f ms a step, %.3f times the mean\n",
            ranks->runs[slowest].rank, ms(slow), ns > 0 ? slow * n / ns : 1);
    fprintf(to, "highest peak: rank %ld, %.2f MiB, %.3f times the mean\n",
            ranks->runs[largest].rank, mib(large), bytes > 0 ? large * n / bytes : 1);
}

struct excess {
    const struct rank_op *op;
    struct rank_spread spread;
};

/* By how much the rank that has most lies above the mean: what the imbalance costs. A ratio alone
   would put nodes first that take next to nothing anywhere. */
static double excess_of(const struct excess *of)
{
    return (double)of->spread.max - of->spread.mean;
}

static int compare(const void *a, const void *b)
{
    const double x = excess_of(a), y = excess_of(b);
    return (x < y) - (x > y);
}

static void print_top(FILE *to, const struct ranks *ranks, bool bytes)
{
    const size_t n = HASH_COUNT(ranks->ops);
    struct excess *all = memory_zeroed(n, sizeof *all);
    size_t i = 0;
    for (const struct rank_op *op = ranks->ops; op; op = op->hh.next)
        all[i++] = (struct excess){op, ranks_spread(op, bytes ? &op->peak : &op->run_ns)};
    qsort(all, n, sizeof *all, compare);
    fprintf(to, "nodes whose %s differs most between ranks (most over mean):\n",
            bytes ? "peak" : "time");
    for (i = 0; i < n && i < TOP && excess_of(&all[i]) > 0; i++) {
        const struct rank_spread *spread = &all[i].spread;
        fprintf(to,
                bytes ? "  %8.3f %12.2f MiB in rank %ld  %s\n"
                      : "  %8.3f %12.3f ms  in rank %ld  %s\n",
                spread->imbalance, bytes ? mib((double)spread->max) : ms((double)spread->max),
                spread->max_rank, all[i].op->name);
    }
    if (n == 0 || excess_of(&all[0]) <= 0)
        fputs("  none does\n", to);
    free(all);
}

void ranks_print(FILE *to, const struct ranks *ranks)
{
    fprintf(to, "ranks: %zu", ranks->n_runs);
    if (ranks->world_size > (long)ranks->n_runs)
        fprintf(to, " of %ld", ranks->world_size);
    fputc('\n', to);
    print_runs(to, ranks);
    print_top(to, ranks, false);
    print_top(to, ranks, true);
}
