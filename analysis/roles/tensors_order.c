#include <stdlib.h>

#include "base/array.h"
#include "roles/tensors.h"

static int compare_u64(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

static int compare(const void *a, const void *b, void *context)
{
    const struct tensor *tensors = context;
    const struct tensor *x = &tensors[*(const uint32_t *)a];
    const struct tensor *y = &tensors[*(const uint32_t *)b];
    const uint64_t keys[][2] = {
        {x->id.device, y->id.device}, {x->id.when, y->id.when},
        {x->id.node, y->id.node},     {x->id.ordinal, y->id.ordinal},
        {x->id.bytes, y->id.bytes},   {(uint64_t)x->life, (uint64_t)y->life},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i][0] != keys[i][1])
            return compare_u64(keys[i][0], keys[i][1]);
    return 0;
}

uint32_t *tensors_order(const struct tensors *tensors)
{
    uint32_t *order = memory_zeroed(tensors->n_tensors, sizeof *order);
    for (uint32_t i = 0; i < tensors->n_tensors; i++)
        order[i] = i;
    qsort_r(order, tensors->n_tensors, sizeof *order, compare, tensors->tensors);
    return order;
}
