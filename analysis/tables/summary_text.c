#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "tables/summary.h"

#define TOP 5

/* A node's time is marked as unsteady if its spread is above both. */
#define UNSTEADY_NS   UINT64_C(50000)
#define UNSTEADY_PART 10 /* one part in so many of the median */

static double mib(uint64_t bytes) { return (double)bytes / (1024 * 1024); }
static double ms(uint64_t ns) { return (double)ns / 1e6; }

static uint64_t growth(const struct node_row *row)
{
    return row->peak > row->active_before ? row->peak - row->active_before : 0;
}
static uint64_t run_time(const struct node_row *row) { return row->run_ns; }

static bool is_unsteady(const struct node_row *row)
{
    return row->mad_run_ns > UNSTEADY_NS && row->mad_run_ns > row->run_ns / UNSTEADY_PART;
}

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
            fprintf(to, "%c %12.3f ms   %s\n", is_unsteady(row) ? '~' : ' ', ms(value(row)),
                    row->name);
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

static void print_other_devices(FILE *to, const struct analysis *analysis)
{
    for (unsigned d = 0; d < analysis->facts.n_devices; d++) {
        char device[32];
        size_t step;
        if (d == analysis->device || !analysis_has_device(analysis, d))
            continue;
        const struct peak peak = analysis_reference(analysis, d, &step);
        facts_device_string(&analysis->facts, d, device, sizeof device);
        fprintf(to, "peak on %s: %.2f MiB in %s; its tables are in device_%u/\n", device,
                mib(peak.bytes), analysis->nodes.nodes[peak.node].path, d);
    }
}

static void print_unsteady(FILE *to, const struct node_rows *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n_ops; i++)
        n += is_unsteady(&rows->rows[i]);
    if (n)
        fprintf(to,
                "  ~ unsteady from step to step: spread (MAD) above 10 %% and 0.05 ms; %zu nodes "
                "in all\n",
                n);
}

/* What of the GPU's work is in no node's time. */
static void print_gpu_faults(FILE *to, const struct gpu_time *gpu)
{
    uint64_t unmatched = gpu->unmatched.n + gpu->late.n;
    if (unmatched)
        fprintf(to,
                "work on the GPU that belongs to no node: %" PRIu64 " records, %.3f ms in all\n",
                unmatched, ms(gpu->unmatched.ns + gpu->late.ns));
    if (gpu->lost || gpu->not_run)
        fprintf(to,
                "work on the GPU without times: %" PRIu64 " records lost, %" PRIu64
                " launches without a record; %" PRIu64 " timed steps left out for that\n",
                gpu->lost, gpu->not_run, gpu->incomplete);
}

/* What recording cost the program. */
static void print_recorder(FILE *to, const struct analysis *analysis)
{
    const struct capture *capture = &analysis->capture;
    fprintf(to,
            "the recorder itself: %.3f ms in all, %" PRIu64 " records in %.2f MiB, %.1f KB a step, "
            "%" PRIu64 " events lost\n",
            ms(capture->header.self_ns), capture->records, mib(capture->at),
            (double)steps_capture_bytes(&analysis->steps) / 1000, capture->header.events_lost);
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
    if (analysis->account.gpu.n_steps)
        fprintf(to, "GPU busy: %.3f ms of a step median, %.3f ms spread (MAD), over %zu steps%s\n",
                ms(analysis->gpu.busy_ns), ms(analysis->gpu.busy_mad_ns),
                analysis->account.gpu.n_steps,
                facts_timed_by_events(&analysis->facts)
                    ? ", by CUDA events: short gaps in a node's work count as well"
                    : "");
    print_gpu_faults(to, &analysis->account.gpu);
    fprintf(to, "peak on %s: %.2f MiB in %s\n", device, mib(analysis->account.peak.bytes),
            analysis->nodes.nodes[analysis->reference_peak.node].path);
    print_roles(to, &analysis->account.peak);
    print_other_devices(to, analysis);
    summary_print_books(to, analysis);
    fputs("nodes that raise memory most:\n", to);
    print_top(to, &analysis->rows, growth, true);
    fputs("nodes that take most time:\n", to);
    print_top(to, &analysis->rows, run_time, false);
    print_unsteady(to, &analysis->rows);
    print_recorder(to, analysis);
}
