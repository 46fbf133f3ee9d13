#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"
#include "batch/checks.h"
#include "batch/linear_fit.h"

static void check_latency(struct check_log *log, const struct batch *batches, size_t n)
{
    size_t off = 0;
    for (size_t i = 1; i < n && !off; i++)
        if (batches[i].step_ms <= batches[i - 1].step_ms)
            off = i;
    if (off)
        check(log, false, "sweep",
              "step time grows with batch size: %.3f ms at %" PRId64 ", %.3f ms at %" PRId64,
              batches[off - 1].step_ms, batches[off - 1].size, batches[off].step_ms,
              batches[off].size);
    else
        check(log, true, "sweep", "step time grows with batch size: %.3f to %.3f ms",
              batches[0].step_ms, batches[n - 1].step_ms);
}

void check_sweep(struct check_log *log, const struct batch *batches, size_t n)
{
    if (n < 2)
        return; /* nothing to lay a line through */
    double *size = memory_zeroed(n, sizeof *size);
    double *bytes = memory_zeroed(n, sizeof *bytes);
    for (size_t i = 0; i < n; i++) {
        size[i] = (double)batches[i].size;
        bytes[i] = (double)batches[i].most_activation_bytes;
    }
    struct linear_fit fit = linear_fit(size, bytes, n);
    check(log, fit.slope > 0 && fit.worst_residual < CHECK_FIT_RESIDUAL_MAX, "sweep",
          "activations on a line over batch size: %.0f bytes an image, %.4f %% off at worst, "
          "expected less than %.1f %%",
          fit.slope, fit.worst_residual * 100, CHECK_FIT_RESIDUAL_MAX * 100);
    check_latency(log, batches, n);
    free(size);
    free(bytes);
}

static void compare(struct check_log *log, const char *subject, const char *what, int64_t bytes,
                    int64_t reference)
{
    check(log, llabs(bytes - reference) <= CHECK_REFERENCE_BYTES, subject,
          "%s beside the reference: %" PRId64 " and %" PRId64
          " bytes, %+.2f MiB, expected within %d MiB",
          what, bytes, reference, (double)(bytes - reference) / (1 << 20),
          CHECK_REFERENCE_BYTES >> 20);
}

void check_reference(struct check_log *log, const struct batch *batch,
                     const struct batch *reference)
{
    char subject[32];
    snprintf(subject, sizeof subject, "batch_%03" PRId64, batch->size);
    compare(log, subject, "peak", batch->peak->median_peak_mem_bytes,
            reference->peak->median_peak_mem_bytes);
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
        compare(log, subject, gp_role_name(role), batch->peak->peak_bytes[role],
                reference->peak->peak_bytes[role]);
}
