#include "batch/checks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETER_BYTES 4 /* parameters are fp32 at every precision that resnet152 has */

void check(struct check_log *log, int holds, const char *subject, const char *format, ...)
{
    if (holds)
        log->n_passed++;
    else
        log->n_failed++;
    fprintf(log->to, "%s  %-9s  ", holds ? "PASS" : "FAIL", subject);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(log->to, format, arguments);
    va_end(arguments);
    fputc('\n', log->to);
}

static void check_parameters(struct check_log *log, const char *subject, const struct batch *batch,
                             const struct check_expectations *expected)
{
    if (expected->parameters)
        check(log, batch->parameter_bytes == expected->parameters * PARAMETER_BYTES, subject,
              "parameters: %" PRId64 " bytes, expected %" PRId64 " x %d = %" PRId64,
              batch->parameter_bytes, expected->parameters, PARAMETER_BYTES,
              expected->parameters * PARAMETER_BYTES);
    else
        check(log, batch->parameter_bytes > 0, subject,
              "parameters: %" PRId64 " bytes, expected some", batch->parameter_bytes);
    check(log, batch->gradient_bytes == batch->parameter_bytes, subject,
          "gradients: %" PRId64 " bytes, expected the parameters' %" PRId64, batch->gradient_bytes,
          batch->parameter_bytes);
}

static void check_opt_state(struct check_log *log, const char *subject, const struct batch *batch,
                            enum check_optimizer optimizer)
{
    if (optimizer == CHECK_OPTIMIZER_ANY)
        return;
    int64_t times = optimizer == CHECK_OPTIMIZER_ADAM ? 2 : 1;
    check(log, batch->n_opt_states > 0 && batch->opt_state_bytes == times * batch->parameter_bytes,
          subject,
          "optimizer state: %" PRId64 " bytes in %" PRId64 " tensors, expected %" PRId64
          " x the parameters = %" PRId64,
          batch->opt_state_bytes, batch->n_opt_states, times, times * batch->parameter_bytes);
}

/* What the peak_<role>_bytes columns of a node add up to. */
static int64_t sum_of_roles(const struct csv_node *node)
{
    int64_t sum = 0;
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
        sum += node->peak_bytes[role];
    return sum;
}

static void check_conservation(struct check_log *log, const char *subject,
                               const struct batch *batch)
{
    size_t n_off = 0;
    const struct csv_node *first_off = NULL;
    for (size_t i = 0; i < batch->nodes.n_rows; i++) {
        const struct csv_node *node = &batch->nodes.rows[i];
        if (sum_of_roles(node) == node->median_peak_mem_bytes)
            continue;
        n_off++;
        first_off = first_off ? first_off : node;
    }
    if (first_off)
        check(log, false, subject,
              "roles add up to the peak in every node: not in %zu of %zu, first in %s: %" PRId64
              " and %" PRId64 " bytes",
              n_off, batch->nodes.n_rows, first_off->name, sum_of_roles(first_off),
              first_off->median_peak_mem_bytes);
    else
        check(log, true, subject, "roles add up to the peak in every node: %zu of %zu",
              batch->nodes.n_rows, batch->nodes.n_rows);

    int64_t most = 0;
    for (size_t i = 0; i < batch->nodes.n_rows; i++)
        if (batch->nodes.rows[i].median_active_mem_bytes > most)
            most = batch->nodes.rows[i].median_active_mem_bytes;
    int64_t peak = batch->peak->median_peak_mem_bytes;
    check(log, sum_of_roles(batch->peak) == peak && most <= peak, subject,
          "bar stacks to the peak: %" PRId64 " of %" PRId64
          " bytes in %s; most active between nodes %" PRId64,
          sum_of_roles(batch->peak), peak, batch->peak->name, most);
}

static void check_tensors_at_peak(struct check_log *log, const char *subject,
                                  const struct batch *batch)
{
    int64_t sum = 0;
    const char *off = NULL;
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++) {
        sum += batch->live_at_peak[role];
        if (batch->live_at_peak[role] != batch->peak->peak_bytes[role] && !off)
            off = gp_role_name(role);
    }
    check(log, !off, subject,
          "tensors live at the peak, role by role: %" PRId64 " tensors, %" PRId64
          " bytes, expected %" PRId64 "%s%s",
          batch->n_live_at_peak, sum, batch->peak->median_peak_mem_bytes,
          off ? "; differs in " : "", off ? off : "");
}

/* True if every tensor of the program's own that is live at the peak came from a memory pool. */
static bool is_all_from_pool(const struct batch *batch)
{
    for (size_t i = 0; i < batch->tensors.n_rows; i++)
        if (batch->tensors.rows[i].live_at_peak &&
            strcmp(batch->tensors.rows[i].node_type, gp_role_name(GP_ROLE_LIBRARY)) != 0 &&
            !strstr(batch->tensors.rows[i].allocator, "Async"))
            return false;
    return true;
}

/*
 * Where no pool keeps a high-water mark: the most that the driver had in use in the probed step,
 * less what it had in use before the first allocation and less what it was seen to take in calls
 * that do not allocate (handles, modules), against the recorded peak of that step with its
 * rounding.
 */
static void check_probe(struct check_log *log, const char *subject, const struct batch *batch)
{
    const struct run_summary *of = &batch->summary;
    if (of->probe_driver_used_bytes < 0) {
        fprintf(log->to,
                "SKIP  %-9s  recorded peak and the driver's: no step was probed (record with "
                "GRAPHPROF_PROBE_STEP)\n",
                subject);
        return;
    }
    int64_t bound = batch_is_softgpu(batch) ? 0 : CHECK_DRIVER_BYTES;
    int64_t loaded = of->probe_handles_bytes + of->probe_modules_bytes + of->probe_cupti_bytes;
    int64_t driver = of->probe_driver_used_bytes - of->probe_context_bytes - loaded;
    int64_t apart = driver - of->probe_recorded_taken_bytes;
    check(log, llabs(apart) <= bound, subject,
          "peak as recorded, with its rounding, and the driver's, in step %" PRId64 ": %" PRId64
          " and %" PRId64 " bytes, %" PRId64 " apart, expected at most %" PRId64 " (%" PRId64
          " as requested; the driver's is %" PRId64 " in use less %" PRId64
          " before the first allocation and %" PRId64 " for handles and modules)",
          of->probe_step, of->probe_recorded_taken_bytes, driver, apart, bound,
          of->probe_recorded_bytes, of->probe_driver_used_bytes, of->probe_context_bytes, loaded);
}

/* What the recorder counted against what the memory pool itself, or the driver, says. */
static void check_device(struct check_log *log, const char *subject, const struct batch *batch)
{
    bool exact = batch_is_softgpu(batch);
    int64_t peak = batch->peak->median_peak_mem_bytes;
    int64_t whole = batch->summary.recorded_peak_bytes;
    int64_t below = exact ? 0 : CHECK_PEAK_BELOW;
    check(log, whole >= peak && whole - peak <= below, subject,
          "peak of the median step and of the whole run: %" PRId64 " and %" PRId64
          " bytes, %" PRId64 " apart, expected 0 to %" PRId64,
          peak, whole, whole - peak, below);
    if (!is_all_from_pool(batch)) {
        check_probe(log, subject, batch);
        return;
    }
    int64_t bound = exact ? 0 : batch->n_live_at_peak * (CHECK_POOL_GRANULE - 1);
    int64_t pool = batch->summary.pool_used_high_bytes;
    int64_t recorded = batch->summary.recorded_pool_peak_bytes;
    check(log, pool >= recorded && pool - recorded <= bound, subject,
          "peak as recorded and the pool's high water: %" PRId64 " and %" PRId64 " bytes, %" PRId64
          " apart, expected 0 to %" PRId64 "%s",
          recorded, pool, pool - recorded, bound,
          exact ? "" : " (511 a live tensor: the pool's granule is 512)");
}

static void check_roles(struct check_log *log, const char *subject, const struct batch *batch)
{
    int64_t peak = batch->peak->median_peak_mem_bytes;
    double share = 1 - (double)batch->peak->peak_bytes[GP_ROLE_OTHER] / (double)(peak ? peak : 1);
    check(log, share >= CHECK_CLASSIFIED_MIN, subject,
          "bytes at the peak that have a role: %.3f %%, expected at least %.0f %%", share * 100,
          CHECK_CLASSIFIED_MIN * 100);

    int64_t n = 0;
    int64_t n_off = 0;
    const char *first_off = "";
    for (size_t i = 0; i < batch->tensors.n_rows; i++) {
        const struct csv_tensor *tensor = &batch->tensors.rows[i];
        if (strcmp(tensor->node_type, gp_role_name(GP_ROLE_ACTIVATION)) != 0 ||
            tensor->last_fw_use_rank < 0 || tensor->first_bw_use_rank < 0)
            continue;
        n++;
        if (tensor->first_bw_use_rank <= tensor->last_fw_use_rank && n_off++ == 0)
            first_off = tensor->name;
    }
    check(log, n > 0 && n_off == 0, subject,
          "first backward use after last forward use: %" PRId64 " of %" PRId64 " activations%s%s",
          n - n_off, n, n_off ? ", not " : "", first_off);
}

void check_batch(struct check_log *log, const struct batch *batch,
                 const struct check_expectations *expected)
{
    char subject[32];
    snprintf(subject, sizeof subject, "batch_%03" PRId64, batch->size);
    check(log, true, subject, "CSVs read: nodes.csv %zu rows, tensors.csv %zu rows",
          batch->nodes.n_rows, batch->tensors.n_rows);
    check_parameters(log, subject, batch, expected);
    check_opt_state(log, subject, batch, expected->optimizer);
    check_conservation(log, subject, batch);
    check_tensors_at_peak(log, subject, batch);
    check_device(log, subject, batch);
    check_roles(log, subject, batch);
    check(log, batch->summary.events_lost == 0, subject, "events lost: %" PRId64,
          batch->summary.events_lost);
    check(log, batch->summary.balance_violations == 0, subject, "balance violations: %" PRId64,
          batch->summary.balance_violations);
}
