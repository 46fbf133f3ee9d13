/* See optimizer.h. */
#include "optimizer.h"
#include "ranges.h"

struct optimizer optimizer_open(const struct options *options)
{
    return (struct optimizer){
        .rule = options->optimizer == OPTIMIZER_ADAM ? &optimizer_adam : &optimizer_sgd,
        .lr = options->lr,
        .momentum = options->momentum,
        .weight_decay = options->weight_decay,
    };
}

void optimizer_step(const struct device *device, struct model *model, struct optimizer *optimizer)
{
    range_push(optimizer->rule->name);
    optimizer->rule->update(device, model, optimizer);
    range_pop();
    optimizer->updates++;
}
