/* SGD with momentum: one launch for each SGD_TENSORS_MAX parameters. */
#include "fail.h"
#include "kernels/kernels.h"
#include "optimizer.h"

static void update(const struct device *device, struct model *m, const struct optimizer *optimizer)
{
    for (int begin = 0; begin < m->n_parameters; begin += SGD_TENSORS_MAX) {
        struct sgd_update_args a = {
            .first = optimizer->updates == 0,
            .lr = (float)optimizer->lr,
            .mu = (float)optimizer->momentum,
            .weight_decay = (float)optimizer->weight_decay,
        };
        for (; a.tensors < SGD_TENSORS_MAX && begin + (int)a.tensors < m->n_parameters;
             a.tensors++) {
            const uint32_t t = a.tensors;
            struct parameter *p = &m->parameters[begin + (int)t];
            if (a.mu != 0.0f && !p->state[0])
                p->state[0] = buffer_new(device, p->count * sizeof(float));
            a.parameter[t] = p->data->data;
            a.gradient[t] = p->grad->data;
            a.momentum[t] = p->state[0] ? p->state[0]->data : NULL;
            a.count[t] = (uint32_t)p->count;
            a.first_chunk[t + 1] =
                a.first_chunk[t] + (uint32_t)((p->count + KERNEL_CHUNK - 1) / KERNEL_CHUNK);
        }
        CHECK_CUDA(launch_sgd_update(&a, device->stream));
    }
}

const struct optimizer_rule optimizer_sgd = {.name = "sgd", .update = update};
