/* The update rules. They state torch.optim's formulas in kernels/kernels.h; state is made lazily in
   the first update, as frameworks do. */
#ifndef WORKLOAD_OPTIMIZER_H
#define WORKLOAD_OPTIMIZER_H

#include "model.h"

struct optimizer {
    const struct optimizer_rule *rule;
    double lr, momentum, weight_decay;
    int64_t updates; /* done so far */
};

struct optimizer_rule {
    const char *name; /* of its node */
    void (*update)(const struct device *, struct model *, const struct optimizer *);
};

extern const struct optimizer_rule optimizer_sgd;  /* sgd.c */
extern const struct optimizer_rule optimizer_adam; /* adam.c; betas 0.9 and 0.999, eps 1e-8 */

struct optimizer optimizer_open(const struct options *options);

/* Updates all parameters by their gradients, in one range named after the rule. */
void optimizer_step(const struct device *device, struct model *model, struct optimizer *optimizer);

#endif
