#include "batch/batch_table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "batch/batch_fits.h"

#define MIB 1048576.0

/* Roles of which no batch has a byte at its peak are left out. */
static bool is_used(const struct batch *batches, size_t n, unsigned role)
{
    for (size_t i = 0; i < n; i++)
        if (batches[i].peak->peak_bytes[role] > 0)
            return true;
    return false;
}

static void print_rule(FILE *to, int width)
{
    for (int i = 0; i < width; i++)
        fputc('-', to);
    fputc('\n', to);
}

static void print_peaks(FILE *to, const struct batch *batches, size_t n)
{
    fprintf(to, "Live memory at the peak by role (MiB), on %s\n", batches[0].peak->device);
    int width = fprintf(to, "%5s", "batch");
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
        if (is_used(batches, n, role))
            width += fprintf(to, "  %10s", gp_role_name(role));
    width += fprintf(to, "  %10s  %s\n", "peak", "peak's node");
    print_rule(to, width);
    for (size_t i = 0; i < n; i++) {
        const struct csv_node *peak = batches[i].peak;
        fprintf(to, "%5" PRId64, batches[i].size);
        for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
            if (is_used(batches, n, role)) {
                int name = (int)strlen(gp_role_name(role));
                fprintf(to, "  %*.2f", name > 10 ? name : 10, (double)peak->peak_bytes[role] / MIB);
            }
        fprintf(to, "  %10.2f  %s\n", (double)peak->median_peak_mem_bytes / MIB, peak->name);
    }
}

static void print_totals(FILE *to, const struct batch *batches, size_t n)
{
    fputs("\nSums over the graph's nodes (bytes) and the step's time\n", to);
    int width =
        fprintf(to, "%5s  %12s  %12s  %12s  %14s  %14s  %12s  %10s\n", "batch", "parameters",
                "gradients", "opt_state", "activations", "peak", "step (ms)", "images/s");
    print_rule(to, width);
    for (size_t i = 0; i < n; i++)
        fprintf(to,
                "%5" PRId64 "  %12" PRId64 "  %12" PRId64 "  %12" PRId64 "  %14" PRId64
                "  %14" PRId64 "  %12.3f  %10.1f\n",
                batches[i].size, batches[i].parameter_bytes, batches[i].gradient_bytes,
                batches[i].opt_state_bytes, batches[i].most_activation_bytes,
                batches[i].peak->median_peak_mem_bytes, batches[i].step_ms,
                batches[i].images_per_s);
}

static void print_fits(FILE *to, const struct batch *batches, size_t n)
{
    const struct batch_fits fits = batch_fits(batches, n);
    const struct linear_fit memory = fits.activations;
    const struct linear_fit time = fits.time;
    fprintf(to,
            "\nactivations = %.3f MiB x batch %+.3f MiB   (r2 %.6f, %.4f %% off at worst)\n"
            "step time   = %.3f ms x batch %+.3f ms   (r2 %.6f)\n",
            memory.slope / MIB, memory.intercept / MIB, memory.r2, memory.worst_residual * 100,
            time.slope, time.intercept, time.r2);
}

void batch_table_print(FILE *to, const struct batch *batches, size_t n)
{
    print_peaks(to, batches, n);
    print_totals(to, batches, n);
    if (n >= 2)
        print_fits(to, batches, n);
}
