/* See numbers.h. */
#include "numbers.h"
#include "fail.h"
#include "layers.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct numbers {
    FILE *file;
    char *path;
    char *temporary;
};

/* A run that gives up exits before numbers_close(): its file must not stay. */
static const char *unfinished;
static void remove_unfinished(void)
{
    if (unfinished)
        remove(unfinished);
}

struct numbers *numbers_open(const char *path)
{
    if (!path)
        return NULL;
    struct numbers *n = must_alloc(1, sizeof *n);
    if (!(n->path = strdup(path)) || asprintf(&n->temporary, "%s.tmp", path) < 0)
        fail("out of host memory");
    n->file = fopen(n->temporary, "w");
    if (!n->file)
        fail_input("--numbers: cannot write %s: %s", n->temporary, strerror(errno));
    unfinished = n->temporary;
    if (atexit(remove_unfinished) != 0)
        fail("out of host memory");
    fputs("quantity,name,step,value\n", n->file);
    return n;
}

void numbers_loss(struct numbers *numbers, int64_t step, double loss)
{
    if (numbers)
        fprintf(numbers->file, "loss,,%lld,%.17g\n", (long long)step, loss);
}

static float *download(const struct device *device, const struct buffer *from, size_t count)
{
    float *host = must_alloc(count, sizeof *host);
    CHECK_CUDA(cudaMemcpyAsync(host, from->data, count * sizeof *host, cudaMemcpyDeviceToHost,
                               device->stream));
    CHECK_CUDA(cudaStreamSynchronize(device->stream));
    return host;
}

static double norm(const float *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static void statistic(struct numbers *n, const struct device *device, const struct node *node,
                      const char *kind, const struct buffer *from, size_t count)
{
    float *x = download(device, from, count);
    fprintf(n->file, "running_%s_norm,%s,1,%.17g\n", kind, node->name, norm(x, count));
    fprintf(n->file, "running_%s_first,%s,1,%.17g\n", kind, node->name, (double)x[0]);
    fprintf(n->file, "running_%s_middle,%s,1,%.17g\n", kind, node->name, (double)x[count / 2]);
    free(x);
}

void numbers_first_step(struct numbers *numbers, const struct device *device,
                        const struct model *model)
{
    if (!numbers)
        return;
    size_t parameters = 0;
    for (int i = 0; i < model->n_parameters; i++)
        parameters += model->parameters[i].count;
    fprintf(numbers->file, "parameters,,1,%zu\n", parameters);
    for (int i = 0; i < model->n_parameters; i++) {
        const struct parameter *p = &model->parameters[i];
        float *x = download(device, p->grad, p->count);
        fprintf(numbers->file, "grad_norm,%s,1,%.17g\n", p->name, norm(x, p->count));
        free(x);
    }
    for (int i = 0; i < model->n_nodes; i++) {
        const struct node *node = &model->nodes[i];
        if (node->layer != &layer_bn)
            continue;
        const size_t count = (size_t)model->values[node->input].c;
        statistic(numbers, device, node, "mean", node->bn.running_mean, count);
        statistic(numbers, device, node, "var", node->bn.running_var, count);
    }
}

void numbers_close(struct numbers *numbers)
{
    if (!numbers)
        return;
    const int bad = ferror(numbers->file);
    if (fclose(numbers->file) != 0 || bad || rename(numbers->temporary, numbers->path) != 0)
        fail("--numbers: cannot write %s: %s", numbers->path, strerror(errno));
    unfinished = NULL;
    free(numbers->path);
    free(numbers->temporary);
    free(numbers);
}
