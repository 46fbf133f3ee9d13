/*
 * Memory of the analysis: allocation that cannot fail (on failure one line on stderr and exit 1;
 * files are made under temporary names, so none is left half written) and arrays that grow.
 */
#ifndef ANALYSIS_BASE_ARRAY_H
#define ANALYSIS_BASE_ARRAY_H

#include <stddef.h>

void *memory_zeroed(size_t count, size_t bytes); /* count * bytes, all zero */
void *memory_resized(void *old, size_t count, size_t bytes);

/* Room for `need` elements of *array in all; new ones are zero. `capacity` is kept up to date. */
void *array_grown(void *array, size_t *capacity, size_t need, size_t element_bytes);

#define ARRAY_RESERVE(array, capacity, need)                                                       \
    do {                                                                                           \
        if ((need) > (capacity))                                                                   \
            (array) = array_grown((array), &(capacity), (need), sizeof *(array));                  \
    } while (0)

#endif
