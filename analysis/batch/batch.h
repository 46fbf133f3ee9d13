/*
 * One batch size of a sweep: what reports/batch_NNN holds and the sums that are taken from it.
 * Everything is from the CSVs; summary.json only says what the CSVs cannot (the memory pool's
 * high-water mark, what was lost).
 */
#ifndef ANALYSIS_BATCH_BATCH_H
#define ANALYSIS_BATCH_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "batch/run_summary.h"
#include "csv/csv_tables.h"

struct batch {
    int64_t size; /* images a step */
    char folder[4096];
    char nodes_path[4160];
    char tensors_path[4160];
    char summary_path[4160];
    struct csv_nodes nodes;
    struct csv_tensors tensors;
    struct run_summary summary;

    const struct csv_node *peak; /* the op with the highest peak, the first of equal ones */
    int64_t parameter_bytes;     /* sums of median_peak_mem_bytes over the nodes of that type */
    int64_t gradient_bytes;
    int64_t opt_state_bytes;
    int64_t n_opt_states;
    int64_t most_activation_bytes;       /* the most activation bytes live in any op */
    int64_t live_at_peak[GP_ROLE_COUNT]; /* tensors.csv: bytes live at the peak, by role */
    int64_t n_live_at_peak;
    bool has_gpu_times; /* the ops' times are the GPU's, which may be idle for a part of the step */
    double step_ms;     /* as summary.json says; with host times the sum of the ops' median times */
    double images_per_s;
};

/* Reads reports/batch_NNN: 0, or -1 and the fault. `batch` must be freed in either case. */
int batch_load(struct batch *batch, const char *reports, int64_t size, struct csv_fault *fault);

/* The same from nodes.csv alone, for a reference whose other files were not kept. */
int batch_load_nodes(struct batch *batch, const char *reports, int64_t size,
                     struct csv_fault *fault);

void batch_free(struct batch *batch);

/* True if the CSVs were made on the CPU stand-in. */
bool batch_is_softgpu(const struct batch *batch);

#endif
