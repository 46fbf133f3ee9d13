/*
 * The checks of a sweep over batch sizes. Each is one line, PASS or FAIL, with the numbers it went
 * by. The only constants are the checks' own bounds, here.
 */
#ifndef ANALYSIS_BATCH_CHECKS_H
#define ANALYSIS_BATCH_CHECKS_H

#include <stdio.h>

#include "batch/batch.h"

/* Activations that do not lie on a straight line over batch size by more than this are a leak. */
#define CHECK_FIT_RESIDUAL_MAX 0.005
/* On a card, step time against batch size: roughly a line. Small batches may be bound by launches
   instead. */
#define CHECK_TIME_R2_MIN 0.9
/* Share of the peak's bytes that must have a role other than `other`. */
#define CHECK_CLASSIFIED_MIN 0.99
/* How far a card may be from a reference: role sums and peaks, in bytes. */
#define CHECK_REFERENCE_BYTES (10 << 20)
/*
 * cudaMallocAsync hands out multiples of 512 bytes, so a driver may count up to 511 bytes more than
 * was asked for, for each tensor that is live at the peak. Driver 580 counts what was asked for
 * (tests/gpu/assumptions.cu), and so does softgpu.
 */
#define CHECK_POOL_GRANULE 512
/*
 * How far the median step's peak may lie below the highest of the whole run, in bytes, on a card:
 * a library may pick other algorithms in the first steps. On softgpu they are the same.
 */
#define CHECK_PEAK_BELOW (4 << 20)

/* How far the recorded peak may be from the driver's, in bytes, on a card; on softgpu not at all.
 */
#define CHECK_DRIVER_BYTES (4 << 20)

struct check_log {
    FILE *to;
    int n_passed;
    int n_failed;
};

enum check_optimizer {
    CHECK_OPTIMIZER_ANY,
    CHECK_OPTIMIZER_SGD, /* with momentum: one state a parameter */
    CHECK_OPTIMIZER_ADAM /* two */
};

struct check_expectations {
    int64_t parameters; /* elements of 4 bytes; 0: not known */
    enum check_optimizer optimizer;
};

/* Prints one line and counts it. `subject` is batch_NNN or `sweep`. */
void check(struct check_log *log, int holds, const char *subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* One batch size: the books close and the roles are right. */
void check_batch(struct check_log *log, const struct batch *batch,
                 const struct check_expectations *expected);

/* All of them, in ascending order of size: activations and time grow as they should. */
void check_sweep(struct check_log *log, const struct batch *batches, size_t n);

/* A batch against the same of a reference run, whose nodes.csv alone is needed. */
void check_reference(struct check_log *log, const struct batch *batch,
                     const struct batch *reference);

#endif
