#include "account/gpu_time.h"

#include <stdlib.h>
#include <string.h>

#include "account/gpu_kernels.h"
#include "base/array.h"

/* Of a hundred launches, those that must have a record. */
#define LAUNCHES_PER 100u
#define RAN_MIN      99u

void gpu_time_init(struct gpu_time *gpu, const struct steps *steps, const struct nodes *nodes,
                   struct node_steps *node_steps, const struct strings *strings)
{
    memset(gpu, 0, sizeof *gpu);
    gpu->strings = strings;
    gpu->capture_steps = steps;
    gpu->node_steps = node_steps;
    gpu->counts = memory_zeroed(steps->n_steps, sizeof *gpu->counts);
    gpu_busy_init(&gpu->busy, nodes);
}

void gpu_time_free(struct gpu_time *gpu)
{
    for (size_t i = 0; i < gpu->n_open; i++)
        free(gpu->open[i].work);
    gpu_launches_free(&gpu->launches);
    gpu_busy_free(&gpu->busy);
    gpu_kernels_free(&gpu->kernels);
    free(gpu->counts);
    free(gpu->steps);
    memset(gpu, 0, sizeof *gpu);
}

/* The node's sample of a step, or NULL. Samples are in order of steps. */
static struct node_sample *sample_of(struct gpu_time *gpu, uint32_t node, uint32_t step)
{
    struct node_account *of = &gpu->node_steps->nodes[node];
    size_t low = 0;
    size_t high = of->n_samples;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (of->samples[middle].step < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low < of->n_samples && of->samples[low].step == step ? &of->samples[low] : NULL;
}

static void fill_samples(struct gpu_time *gpu, uint32_t step)
{
    const struct gpu_busy *busy = &gpu->busy;
    struct node_sample *root = sample_of(gpu, NODES_ROOT, step);
    for (size_t i = 0; i < busy->n_touched; i++) {
        const struct gpu_node_busy *of = &busy->by_node[busy->touched[i]];
        uint32_t node = busy->touched[i];
        struct node_sample *sample = sample_of(gpu, node, step);
        /* A node that never began in the step (its range is another step's): the step's own. */
        if (!sample) {
            sample = root;
            node = NODES_ROOT;
        }
        if (!sample)
            continue;
        struct node_gpu *times = node_gpu_to(&gpu->node_steps->nodes[node], sample);
        times->ns += of->own.busy_ns;
        times->sum_ns += of->sum_ns;
        if (node == busy->touched[i])
            times->whole_ns = of->whole.busy_ns;
    }
}

static void settle(struct gpu_time *gpu, struct gpu_open_step *open)
{
    const struct step *step = &gpu->capture_steps->steps[open->step];
    const bool whole = open->ran * LAUNCHES_PER >= open->launches * RAN_MIN;
    gpu->not_run += open->launches - open->ran;
    if (!whole)
        gpu->incomplete++;
    if (whole && step->counted) {
        uint64_t sum = 0;
        gpu_busy_take(&gpu->busy, open->work, open->n_work);
        fill_samples(gpu, open->step);
        for (size_t i = 0; i < open->n_work; i++)
            sum += open->work[i].end_ns - open->work[i].start_ns;
        gpu_kernels_take(&gpu->kernels, open->work, open->n_work);
        gpu->counts[open->step] = true;
        ARRAY_RESERVE(gpu->steps, gpu->capacity, gpu->n_steps + 1);
        gpu->steps[gpu->n_steps++] =
            (struct gpu_step){open->step, gpu->busy.by_node[NODES_ROOT].whole.busy_ns, sum};
    }
    free(open->work);
}

static struct gpu_open_step *find_open(struct gpu_time *gpu, uint32_t step)
{
    for (size_t i = gpu->n_open; i-- > 0;)
        if (gpu->open[i].step == step)
            return &gpu->open[i];
    return NULL;
}

static struct gpu_open_step *open_step(struct gpu_time *gpu, uint32_t step)
{
    struct gpu_open_step *open = find_open(gpu, step);
    if (open)
        return open;
    if (gpu->n_open == GPU_STEPS_OPEN) {
        settle(gpu, &gpu->open[0]);
        memmove(&gpu->open[0], &gpu->open[1], (GPU_STEPS_OPEN - 1) * sizeof gpu->open[0]);
        gpu->n_open--;
    }
    open = &gpu->open[gpu->n_open++];
    *open = (struct gpu_open_step){.step = step};
    return open;
}

void gpu_time_submitted(struct gpu_time *gpu, size_t step, uint32_t node,
                        const struct gp_record_correlation *record)
{
    const bool timed = step < gpu->capture_steps->n_steps && gpu->capture_steps->steps[step].timed;
    const struct gpu_launch launch = {
        .correlation = record->correlation,
        .node = node,
        .step = timed ? (uint32_t)step : GPU_NO_STEP,
        .is_kernel = record->work == GP_GPU_KERNEL,
    };
    gpu_launches_add(&gpu->launches, &launch);
    if (timed)
        open_step(gpu, launch.step)->launches += launch.is_kernel;
}

static void tally(struct gpu_tally *to, const struct gp_record_kernel *record)
{
    to->n++;
    to->ns += record->end_ns - record->start_ns;
}

void gpu_time_captured(struct gpu_time *gpu, uint32_t correlation)
{
    struct gpu_launch *launch = gpu_launches_find(&gpu->launches, correlation);
    struct gpu_open_step *open =
        launch && launch->step != GPU_NO_STEP ? find_open(gpu, launch->step) : NULL;
    if (!launch || launch->has_run)
        return;
    if (open)
        open->launches -= launch->is_kernel;
    launch->correlation = 0;
}

static uint32_t node_of(const struct gpu_launch *launch, uint32_t graph_node)
{
    return graph_node != GRAPHS_NO_NODE && graph_node != NODES_ROOT ? graph_node : launch->node;
}

void gpu_time_ran(struct gpu_time *gpu, const struct gp_record_kernel *record, uint32_t graph_node)
{
    struct gpu_launch *launch = gpu_launches_find(&gpu->launches, record->correlation);
    if (record->end_ns < record->start_ns) {
        gpu->lost++;
        return;
    }
    if (!launch) {
        tally(&gpu->unmatched, record);
        return;
    }
    if (launch->step == GPU_NO_STEP) {
        tally(&gpu->outside, record);
        return;
    }
    struct gpu_open_step *open = find_open(gpu, launch->step);
    if (!open) {
        tally(&gpu->late, record);
        return;
    }
    open->ran += launch->is_kernel && !launch->has_run;
    launch->has_run = true;
    ARRAY_RESERVE(open->work, open->capacity, open->n_work + 1);
    open->work[open->n_work++] = (struct gpu_work){node_of(launch, graph_node),
                                                   strings_canonical(gpu->strings, record->name),
                                                   record->start_ns, record->end_ns};
    tally(&gpu->in_steps, record);
}

void gpu_time_finish(struct gpu_time *gpu)
{
    for (size_t i = 0; i < gpu->n_open; i++)
        settle(gpu, &gpu->open[i]);
    gpu->n_open = 0;
}

struct gpu_kernel_row *gpu_time_kernels(const struct gpu_time *gpu, size_t *n)
{
    return gpu_kernels_rows(gpu->kernels, gpu->n_steps, gpu->strings, n);
}
