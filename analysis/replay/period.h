/* The period of a sequence of numbers, in linear time. */
#ifndef ANALYSIS_REPLAY_PERIOD_H
#define ANALYSIS_REPLAY_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct period {
    size_t period;
    size_t first;  /* where the repetition begins */
    size_t length; /* of the repetition, at least 3 periods */
};

/*
 * The longest stretch of symbols[0..n) that repeats three times or more, by its smallest period;
 * a period that repeats for three quarters of the longest stretch is preferred if it is smaller. It
 * is found if it covers a ninth of the sequence and one period more, whatever stands around it.
 * n < 2^31.
 */
bool period_find(const uint64_t *symbols, size_t n, struct period *found);

/* failure[i], i < n: the length of the longest proper prefix of symbols[0..i] that ends it. */
void period_failure(const uint64_t *symbols, size_t n, uint32_t *failure);

#endif
