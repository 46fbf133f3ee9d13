#include "account/median.h"

#include <stdbool.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Bytes are mostly the same in each step. */
static bool is_sorted(const uint64_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (values[i - 1] > values[i])
            return false;
    return true;
}

uint64_t median_lower(uint64_t *values, size_t n)
{
    if (n == 0)
        return 0;
    if (!is_sorted(values, n))
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
