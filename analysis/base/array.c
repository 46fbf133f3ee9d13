#include "base/array.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory, size_t count, size_t bytes)
{
    if (!memory && count && bytes) {
        fprintf(stderr, "graphprof: out of memory for %zu x %zu bytes\n", count, bytes);
        exit(1);
    }
    return memory;
}

void *memory_zeroed(size_t count, size_t bytes)
{
    return checked(calloc(count ? count : 1, bytes), count, bytes);
}

void *memory_resized(void *old, size_t count, size_t bytes)
{
    if (count == 0 || bytes == 0 || count > SIZE_MAX / bytes)
        return checked(NULL, count, bytes);
    return checked(realloc(old, count * bytes), count, bytes);
}

void *array_grown(void *array, size_t *capacity, size_t need, size_t element_bytes)
{
    size_t larger = *capacity ? *capacity : 16;
    while (larger < need)
        larger *= 2;
    array = memory_resized(array, larger, element_bytes);
    memset((char *)array + *capacity * element_bytes, 0, (larger - *capacity) * element_bytes);
    *capacity = larger;
    return array;
}
