#include "account/median.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint64_t median_lower(uint64_t *values, size_t n)
{
    if (n == 0)
        return 0;
    qsort(values, n, sizeof *values, compare);
    return values[(n - 1) / 2];
}

uint64_t median_deviation(uint64_t *values, size_t n)
{
    uint64_t median = median_lower(values, n);
    for (size_t i = 0; i < n; i++)
        values[i] = values[i] > median ? values[i] - median : median - values[i];
    return median_lower(values, n);
}
