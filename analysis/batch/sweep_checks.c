#include <inttypes.h>
#include <stdlib.h>

#include "batch/batch_fits.h"
#include "batch/checks.h"

void check_sweep(struct check_log *log, const struct batch *batches, size_t n)
{
    if (n < 2)
        return; /* nothing to lay a line through */
    const struct batch_fits fits = batch_fits(batches, n);
    const struct linear_fit memory = fits.activations;
    const struct linear_fit time = fits.time;
    check(log, memory.slope > 0 && memory.worst_residual < CHECK_FIT_RESIDUAL_MAX, "sweep",
          "activations on a line over batch size: %.0f bytes an image, %.4f %% off at worst, "
          "expected less than %.1f %%",
          memory.slope, memory.worst_residual * 100, CHECK_FIT_RESIDUAL_MAX * 100);
    if (batch_is_softgpu(
            &batches[0])) /* cores that others use too: a line is not to be asked for */
        check(log, time.slope > 0, "sweep",
              "step time grows with batch size: %.3f to %.3f ms, %.3f ms an image, r2 %.4f",
              batches[0].step_ms, batches[n - 1].step_ms, time.slope, time.r2);
    else
        check(log, time.slope > 0 && time.r2 >= CHECK_TIME_R2_MIN, "sweep",
              "step time grows with batch size, roughly on a line: %.3f to %.3f ms, %.3f ms an "
              "image, r2 %.4f, expected at least %.2f",
              batches[0].step_ms, batches[n - 1].step_ms, time.slope, time.r2, CHECK_TIME_R2_MIN);
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
