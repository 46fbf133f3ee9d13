/*
 * --numbers: what a run computed, as CSV, for comparison with another implementation. Columns
 * quantity,name,step,value; quantities loss, parameters (their number), grad_norm and
 * running_{mean,var}_{norm,first,middle} (l2 norm, element 0, element C/2), names PyTorch's, values
 * with 17 digits. Written to a temporary name and renamed at the end.
 */
#ifndef WORKLOAD_NUMBERS_H
#define WORKLOAD_NUMBERS_H

#include "model.h"

struct numbers;

/* NULL if path is NULL; the functions below do nothing then. Ends with status 2 if it cannot write.
 */
struct numbers *numbers_open(const char *path);
void numbers_loss(struct numbers *numbers, int64_t step, double loss);
/* After the first step, while its gradients still live. Reads the device; not part of a step. */
void numbers_first_step(struct numbers *numbers, const struct device *device,
                        const struct model *model);
void numbers_close(struct numbers *numbers);

#endif
