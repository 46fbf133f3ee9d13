/* How a sweep's figures grow with batch size. */
#ifndef ANALYSIS_BATCH_BATCH_FITS_H
#define ANALYSIS_BATCH_BATCH_FITS_H

#include "batch/batch.h"
#include "batch/linear_fit.h"

struct batch_fits {
    struct linear_fit activations; /* most live bytes of activations, over images a batch */
    struct linear_fit time;        /* ms a step, over images a batch */
};

/* Of n batches; every field is 0 where they have fewer than two sizes. */
struct batch_fits batch_fits(const struct batch *batches, size_t n);

#endif
