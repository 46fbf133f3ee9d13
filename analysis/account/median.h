/* Medians as the tables state them: of an even count the lower one, so that it is a value seen. */
#ifndef ANALYSIS_ACCOUNT_MEDIAN_H
#define ANALYSIS_ACCOUNT_MEDIAN_H

#include <stddef.h>
#include <stdint.h>

/* Both sort `values`. 0 of none. */
uint64_t median_lower(uint64_t *values, size_t n);

/* Median absolute deviation from the lower median; its own median is the lower one as well. */
uint64_t median_deviation(uint64_t *values, size_t n);

#endif
