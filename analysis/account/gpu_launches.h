/*
 * Where work was submitted, by CUPTI's correlation id, for when its record comes in. Ids grow as
 * work is submitted, and a record comes in within some steps of that, so that a table of the last
 * GPU_LAUNCHES_KEPT ids is enough, however long the capture.
 */
#ifndef ANALYSIS_ACCOUNT_GPU_LAUNCHES_H
#define ANALYSIS_ACCOUNT_GPU_LAUNCHES_H

#include <stdbool.h>
#include <stdint.h>

#define GPU_LAUNCHES_KEPT (1u << 20)
#define GPU_NO_STEP       UINT32_MAX /* submitted outside timed steps */

struct gpu_launch {
    uint32_t correlation; /* 0: none */
    uint32_t node;
    uint32_t step;
    bool is_kernel;
    bool has_run; /* a record has come in */
};

struct gpu_launches {
    struct gpu_launch *kept; /* by id modulo GPU_LAUNCHES_KEPT; NULL until the first */
};

void gpu_launches_add(struct gpu_launches *launches, const struct gpu_launch *launch);

/* NULL if the id is not known. */
struct gpu_launch *gpu_launches_find(const struct gpu_launches *launches, uint32_t correlation);

void gpu_launches_free(struct gpu_launches *launches);

#endif
