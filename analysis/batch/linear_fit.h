/* The straight line of least squares through n points. */
#ifndef ANALYSIS_BATCH_LINEAR_FIT_H
#define ANALYSIS_BATCH_LINEAR_FIT_H

#include <stddef.h>

struct linear_fit {
    double slope;
    double intercept;
    double r2;             /* 1 - residual / total sum of squares; 1 if all y are the same */
    double worst_residual; /* largest |y - line| / y over the points with y > 0 */
};

/* n >= 2 points with at least two different x; otherwise every field is 0. */
struct linear_fit linear_fit(const double *x, const double *y, size_t n);

#endif
