#include "batch/linear_fit.h"

#include <math.h>

struct linear_fit linear_fit(const double *x, const double *y, size_t n)
{
    struct linear_fit fit = {0};
    double mean_x = 0;
    double mean_y = 0;
    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    double xx = 0;
    double xy = 0;
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        total += (y[i] - mean_y) * (y[i] - mean_y);
    }
    if (n < 2 || xx <= 0)
        return fit;
    fit.slope = xy / xx;
    fit.intercept = mean_y - fit.slope * mean_x;
    double residual = 0;
    for (size_t i = 0; i < n; i++) {
        double off = y[i] - (fit.intercept + fit.slope * x[i]);
        residual += off * off;
        if (y[i] > 0)
            fit.worst_residual = fmax(fit.worst_residual, fabs(off) / y[i]);
    }
    fit.r2 = total > 0 ? 1 - residual / total : 1;
    return fit;
}
