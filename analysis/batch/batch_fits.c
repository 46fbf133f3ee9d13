#include "batch/batch_fits.h"

#include <stdlib.h>

#include "base/array.h"

struct batch_fits batch_fits(const struct batch *batches, size_t n)
{
    double *size = memory_zeroed(n, sizeof *size);
    double *bytes = memory_zeroed(n, sizeof *bytes);
    double *ms = memory_zeroed(n, sizeof *ms);
    for (size_t i = 0; i < n; i++) {
        size[i] = (double)batches[i].size;
        bytes[i] = (double)batches[i].most_activation_bytes;
        ms[i] = batches[i].step_ms;
    }
    const struct batch_fits fits = {.activations = linear_fit(size, bytes, n),
                                    .time = linear_fit(size, ms, n)};
    free(size);
    free(bytes);
    free(ms);
    return fits;
}
