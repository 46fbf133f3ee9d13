#include "account/gpu_launches.h"

#include <stdlib.h>

#include "base/array.h"

void gpu_launches_add(struct gpu_launches *launches, const struct gpu_launch *launch)
{
    if (!launches->kept)
        launches->kept = memory_zeroed(GPU_LAUNCHES_KEPT, sizeof *launches->kept);
    launches->kept[launch->correlation % GPU_LAUNCHES_KEPT] = *launch;
}

struct gpu_launch *gpu_launches_find(const struct gpu_launches *launches, uint32_t correlation)
{
    if (!launches->kept || correlation == 0)
        return NULL;
    struct gpu_launch *launch = &launches->kept[correlation % GPU_LAUNCHES_KEPT];
    return launch->correlation == correlation ? launch : NULL;
}

void gpu_launches_free(struct gpu_launches *launches)
{
    free(launches->kept);
    launches->kept = NULL;
}
