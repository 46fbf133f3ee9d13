/* What summary.json says that the CSVs cannot: the memory pool's own figure, what went wrong,
   how long a step takes. */
#ifndef ANALYSIS_BATCH_RUN_SUMMARY_H
#define ANALYSIS_BATCH_RUN_SUMMARY_H

#include <stdint.h>

#include "csv/csv_reader.h"

struct run_summary {
#define RUN_SUMMARY_NUMBER(field, path) int64_t field;
#include "batch/run_summary.def"
#undef RUN_SUMMARY_NUMBER
};

/* Every number of run_summary.def, or -1 and the fault. */
int run_summary_read(const char *path, struct run_summary *summary, struct csv_fault *fault);

#endif
