#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "tables/summary.h"

#define TOP 5

static double mib(uint64_t bytes) { return (double)bytes / (1024 * 1024); }
static double ms(uint64_t ns) { return (double)ns / 1e6; }

static uint64_t growth(const struct node_row *row)
{
    return row->peak > row->active_before ? row->peak - row->active_before : 0;
}
static uint64_t run_time(const struct node_row *row) { return row->run_ns; }

static void print_top(FILE *to, const struct node_rows *rows,
                      uint64_t (*value)(const struct node_row *row), bool bytes)
{
    bool *taken = memory_zeroed(rows->n_ops, sizeof *taken);
    for (int i = 0; i < TOP; i++) {
        size_t best = rows->n_ops;
        for (size_t r = 0; r < rows->n_ops; r++)
            if (!taken[r] && value(&rows->rows[r]) > 0 &&
                (best == rows->n_ops || value(&rows->rows[r]) > value(&rows->rows[best])))
                best = r;
        if (best == rows->n_ops)
            break;
        taken[best] = true;
        const struct node_row *row = &rows->rows[best];
        if (bytes)
            fprintf(to, "  %12.2f MiB  %s\n", mib(value(row)), row->name);
        else
            fprintf(to, "  %12.3f ms   %s\n", ms(value(row)), row->name);
    }
    free(taken);
}

static void print_roles(FILE *to, const struct peak_account *peak)
{
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
        if (peak->by_role[role])
            fprintf(to, "  %12.2f MiB  %5.1f %%  %s\n", mib(peak->by_role[role]),
                    100.0 * (double)peak->by_role[role] / (double)peak->bytes, gp_role_name(role));
}

void summary_print(FILE *to, const struct analysis *analysis)
{
    const struct steps *steps = &analysis->steps;
    char device[32];
    facts_device_string(&analysis->facts, analysis->device, device, sizeof device);
    fprintf(to, "steps: %zu, %zu of them complete, medians over %zu\n", steps->n_steps,
            steps->n_complete, steps->n_counted);
    fprintf(to, "step time: %.3f ms median, %.3f ms spread (MAD), on the host\n",
            ms(analysis->step_ns), ms(analysis->step_mad_ns));
    fprintf(to, "peak on %s: %.2f MiB in %s\n", device, mib(analysis->account.peak.bytes),
            analysis->nodes.nodes[analysis->reference_peak.node].path);
    print_roles(to, &analysis->account.peak);
    fputs("nodes that raise memory most:\n", to);
    print_top(to, &analysis->rows, growth, true);
    fputs("nodes that take most time:\n", to);
    print_top(to, &analysis->rows, run_time, false);
}
