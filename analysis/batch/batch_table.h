/* The sweep as a table for people: the peak by role, times, throughput and the fits. */
#ifndef ANALYSIS_BATCH_BATCH_TABLE_H
#define ANALYSIS_BATCH_BATCH_TABLE_H

#include <stdio.h>

#include "batch/batch.h"

/* `batches` in ascending order of size, n >= 1. */
void batch_table_print(FILE *to, const struct batch *batches, size_t n);

#endif
