#include "analysis.h"

#include <stdlib.h>
#include <string.h>

#include "account/median.h"
#include "base/array.h"
#include "roles/roles.h"

static void share_inputs(struct analysis *analysis, struct replay *replay)
{
    replay->capture = &analysis->capture;
    replay->facts = &analysis->facts;
    replay->steps = &analysis->steps;
    replay->nodes = &analysis->nodes;
    replay->segments = &analysis->segments;
}

static void find_device(struct analysis *analysis)
{
    uint64_t most = 0;
    for (unsigned d = 0; d < FACTS_DEVICES_MAX; d++) {
        const struct device_peaks *peaks = &analysis->identify.devices[d];
        for (size_t s = 0; peaks->used && s < analysis->steps.n_steps; s++)
            if (analysis->steps.steps[s].counted && peaks->steps[s].bytes > most) {
                most = peaks->steps[s].bytes;
                analysis->device = d;
            }
    }
}

struct peak analysis_reference(const struct analysis *analysis, unsigned device, size_t *step)
{
    const struct steps *steps = &analysis->steps;
    const struct device_peaks *of = &analysis->identify.devices[device];
    struct peak peak = {0};
    uint64_t *values = memory_zeroed(steps->n_counted, sizeof *values);
    size_t n = 0;
    for (size_t s = 0; s < steps->n_steps; s++)
        if (steps->steps[s].counted)
            values[n++] = of->used ? of->steps[s].bytes : 0;
    uint64_t median = median_lower(values, n);
    free(values);
    for (size_t s = steps->n_steps; s-- > 0;) {
        if (!steps->steps[s].counted || (of->used && of->steps[s].bytes != median))
            continue;
        *step = s;
        if (of->used)
            peak = of->steps[s];
    }
    return peak;
}

static void find_reference_step(struct analysis *analysis)
{
    analysis->reference_peak =
        analysis_reference(analysis, analysis->device, &analysis->reference_step);
}

static void time_steps(struct analysis *analysis)
{
    const struct steps *steps = &analysis->steps;
    uint64_t *values = memory_zeroed(steps->n_times, sizeof *values);
    size_t n = 0;
    for (size_t s = 0; s < steps->n_steps; s++)
        if (steps->steps[s].gives_time)
            values[n++] = steps->steps[s].end_ns - steps->steps[s].begin_ns;
    analysis->step_ns = median_lower(values, n);
    analysis->step_min_ns = n ? values[0] : 0;
    analysis->step_mad_ns = median_deviation(values, n);
    free(values);
}

static void time_gpu(struct analysis *analysis)
{
    const struct gpu_time *gpu = &analysis->account.gpu;
    uint64_t *values = memory_zeroed(gpu->n_steps, sizeof *values);
    for (size_t s = 0; s < gpu->n_steps; s++)
        values[s] = gpu->steps[s].sum_ns;
    analysis->gpu.sum_ns = median_lower(values, gpu->n_steps);
    for (size_t s = 0; s < gpu->n_steps; s++)
        values[s] = gpu->steps[s].busy_ns;
    analysis->gpu.busy_ns = median_lower(values, gpu->n_steps);
    analysis->gpu.busy_mad_ns = median_deviation(values, gpu->n_steps);
    free(values);
    for (size_t i = 0; i < analysis->rows.n_ops; i++)
        if (time_source_is_gpu(analysis->rows.rows[i].time_source))
            analysis->gpu.nodes_sum_ns += analysis->rows.rows[i].run_ns;
}

static void account(struct analysis *analysis)
{
    struct account *books = &analysis->account;
    share_inputs(analysis, &books->replay);
    books->tensors = &analysis->tensors;
    books->device = analysis->device;
    books->reference_step = analysis->reference_step;
    books->reference_peak = &analysis->reference_peak;
    account_run(books);
}

static void make_rows(struct analysis *analysis)
{
    node_rows_of_ops(&analysis->rows, &analysis->account);
    time_gpu(analysis);
    node_rows_of_tensors(&analysis->rows, &analysis->account, analysis->tensor_order);
}

enum analysis_result analysis_run(struct analysis *analysis, const char *path,
                                  const struct steps_wanted *steps)
{
    memset(analysis, 0, sizeof *analysis);
    if (!capture_open(&analysis->capture, path)) {
        memcpy(analysis->fault, analysis->capture.fault, sizeof analysis->fault);
        return ANALYSIS_BAD_CAPTURE;
    }
    nodes_init(&analysis->nodes);
    steps_scan(&analysis->steps, &analysis->facts, &analysis->capture, steps);
    if (*analysis->steps.fault) {
        memcpy(analysis->fault, analysis->steps.fault, sizeof analysis->fault);
        return ANALYSIS_BAD_CAPTURE;
    }
    if (analysis->steps.n_counted == 0)
        return ANALYSIS_NO_STEP;
    if (analysis->facts.has_blocks)
        segments_scan(&analysis->segments, &analysis->facts, &analysis->capture);

    share_inputs(analysis, &analysis->identify.replay);
    identify_run(&analysis->identify, &analysis->tensors);
    find_device(analysis);
    find_reference_step(analysis);
    time_steps(analysis);

    analysis->tensor_order = tensors_order(&analysis->tensors);
    roles_decide(&analysis->tensors, &analysis->nodes);
    tensors_keep_roles(&analysis->tensors);
    roles_name(&analysis->tensors, analysis->tensor_order, &analysis->nodes, &analysis->facts);
    account(analysis);
    make_rows(analysis);
    return ANALYSIS_DONE;
}

bool analysis_has_device(const struct analysis *analysis, unsigned device)
{
    const struct device_peaks *peaks = &analysis->identify.devices[device];
    for (size_t s = 0; peaks->used && s < analysis->steps.n_steps; s++)
        if (analysis->steps.steps[s].counted && peaks->steps[s].bytes)
            return true;
    return false;
}

void analysis_of_device(struct analysis *analysis, unsigned device)
{
    node_rows_free(&analysis->rows);
    account_free(&analysis->account);
    tensors_forget_uses(&analysis->tensors);
    analysis->device = device;
    analysis->gpu = (struct gpu_medians){0};
    find_reference_step(analysis);
    account(analysis);
    make_rows(analysis);
}

void analysis_free(struct analysis *analysis)
{
    node_rows_free(&analysis->rows);
    account_free(&analysis->account);
    identify_free(&analysis->identify);
    free(analysis->tensor_order);
    tensors_free(&analysis->tensors);
    nodes_free(&analysis->nodes);
    segments_free(&analysis->segments);
    steps_free(&analysis->steps);
    facts_free(&analysis->facts);
    capture_close(&analysis->capture);
}
