#include "batch/batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void take_sums_of_nodes(struct batch *batch)
{
    for (size_t i = 0; i < batch->nodes.n_rows; i++) {
        const struct csv_node *node = &batch->nodes.rows[i];
        if (strcmp(node->node_type, "op") == 0) {
            batch->step_ms += node->median_run_time_ms;
            batch->has_gpu_times |= strcmp(node->time_source, "host") != 0;
            if (!batch->peak || node->median_peak_mem_bytes > batch->peak->median_peak_mem_bytes)
                batch->peak = node;
            if (node->peak_bytes[GP_ROLE_ACTIVATION] > batch->most_activation_bytes)
                batch->most_activation_bytes = node->peak_bytes[GP_ROLE_ACTIVATION];
        } else if (strcmp(node->node_type, "parameter") == 0) {
            batch->parameter_bytes += node->median_peak_mem_bytes;
        } else if (strcmp(node->node_type, "gradient") == 0) {
            batch->gradient_bytes += node->median_peak_mem_bytes;
        } else {
            batch->opt_state_bytes += node->median_peak_mem_bytes;
            batch->n_opt_states++;
        }
    }
}

static void take_step_time(struct batch *batch)
{
    if (batch->has_gpu_times)
        batch->step_ms = (double)batch->summary.step_median_ns / 1e6;
    if (batch->step_ms > 0)
        batch->images_per_s = (double)batch->size / batch->step_ms * 1e3;
}

static void take_sums_of_tensors(struct batch *batch)
{
    for (size_t i = 0; i < batch->tensors.n_rows; i++) {
        const struct csv_tensor *tensor = &batch->tensors.rows[i];
        if (!tensor->live_at_peak)
            continue;
        batch->n_live_at_peak++;
        for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
            if (strcmp(tensor->node_type, gp_role_name(role)) == 0)
                batch->live_at_peak[role] += tensor->bytes;
    }
}

int batch_load_nodes(struct batch *batch, const char *reports, int64_t size,
                     struct csv_fault *fault)
{
    *batch = (struct batch){.size = size};
    int length =
        snprintf(batch->folder, sizeof batch->folder, "%s/batch_%03" PRId64, reports, size);
    if (length >= (int)sizeof batch->folder)
        return csv_fail(fault, reports, 1, "the folder's name is too long");
    snprintf(batch->nodes_path, sizeof batch->nodes_path, "%s/nodes.csv", batch->folder);
    snprintf(batch->tensors_path, sizeof batch->tensors_path, "%s/tensors.csv", batch->folder);
    snprintf(batch->summary_path, sizeof batch->summary_path, "%s/summary.json", batch->folder);
    if (csv_read_nodes(batch->nodes_path, &batch->nodes, fault) != 0)
        return -1;
    take_sums_of_nodes(batch);
    return 0;
}

int batch_load(struct batch *batch, const char *reports, int64_t size, struct csv_fault *fault)
{
    if (batch_load_nodes(batch, reports, size, fault) != 0 ||
        csv_read_tensors(batch->tensors_path, &batch->tensors, fault) != 0 ||
        csv_match_ranks(&batch->nodes, &batch->tensors, fault) != 0 ||
        run_summary_read(batch->summary_path, &batch->summary, fault) != 0)
        return -1;
    take_step_time(batch);
    take_sums_of_tensors(batch);
    return 0;
}

void batch_free(struct batch *batch)
{
    csv_free_nodes(&batch->nodes);
    csv_free_tensors(&batch->tensors);
    batch->peak = NULL;
}

bool batch_is_softgpu(const struct batch *batch)
{
    return strncmp(batch->peak->device, "softgpu", strlen("softgpu")) == 0;
}
