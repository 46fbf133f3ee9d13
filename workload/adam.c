/* Adam: one launch for each ADAM_TENSORS_MAX parameters. */
#include "fail.h"
#include "kernels/kernels.h"
#include "optimizer.h"

#include <math.h>

#define BETA1 0.9
#define BETA2 0.999
#define EPS   1e-8

static void update(const struct device *device, struct model *m, const struct optimizer *optimizer)
{
    const double t = (double)(optimizer->updates + 1);
    for (int begin = 0; begin < m->n_parameters; begin += ADAM_TENSORS_MAX) {
        struct adam_update_args a = {
            .first = optimizer->updates == 0,
            .step_size = (float)(optimizer->lr / (1.0 - pow(BETA1, t))),
            .correction = (float)sqrt(1.0 - pow(BETA2, t)),
            .one_minus_beta1 = (float)(1.0 - BETA1),
            .beta2 = (float)BETA2,
            .one_minus_beta2 = (float)(1.0 - BETA2),
            .eps = (float)EPS,
            .weight_decay = (float)optimizer->weight_decay,
        };
        for (; a.tensors < ADAM_TENSORS_MAX && begin + (int)a.tensors < m->n_parameters;
             a.tensors++) {
            const uint32_t i = a.tensors;
            struct parameter *p = &m->parameters[begin + (int)i];
            for (int s = 0; s < 2; s++)
                if (!p->state[s])
                    p->state[s] = buffer_new(device, p->count * sizeof(float));
            a.parameter[i] = p->data->data;
            a.gradient[i] = p->grad->data;
            a.exp_avg[i] = p->state[0]->data;
            a.exp_avg_sq[i] = p->state[1]->data;
            a.count[i] = (uint32_t)p->count;
            a.first_chunk[i + 1] =
                a.first_chunk[i] + (uint32_t)((p->count + KERNEL_CHUNK - 1) / KERNEL_CHUNK);
        }
        CHECK_CUDA(launch_adam_update(&a, device->stream));
    }
}

const struct optimizer_rule optimizer_adam = {.name = "adam", .update = update};
