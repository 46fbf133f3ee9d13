#include "tables/node_rows.h"

#include <stdlib.h>
#include <string.h>

#include "account/median.h"
#include "base/array.h"

/* Fills values[] with one level of each sample. */
#define COLUMN(values, of, field)                                                                  \
    do {                                                                                           \
        for (size_t s_ = 0; s_ < (of)->n_samples; s_++)                                            \
            (values)[s_] = node_levels_of(of, &(of)->samples[s_])->field;                          \
    } while (0)

static bool has_row(const struct node_account *of)
{
    return of->n_samples > 0 && (of->worked || !of->has_children);
}

/* Gives the time of nodes without a row to the step's own node, step by step. */
static void fold_phases(struct node_steps *nodes)
{
    struct node_account *root = &nodes->nodes[NODES_ROOT];
    for (size_t n = 1; n < nodes->n_nodes; n++) {
        const struct node_account *of = &nodes->nodes[n];
        size_t at = 0; /* both are in order of steps, and the root has a sample of each */
        for (size_t i = 0; !has_row(of) && i < of->n_samples; i++) {
            while (root->samples[at].step != of->samples[i].step)
                at++;
            root->samples[at].ns += of->samples[i].ns;
        }
    }
}

static struct node_row *add_row(struct node_rows *rows)
{
    ARRAY_RESERVE(rows->rows, rows->capacity, rows->n_rows + 1);
    return &rows->rows[rows->n_rows++];
}

/* Host times come from clocked steps; from all of the node's if it ran in no such step. */
static size_t times_of(const struct node_account *of, const struct steps *steps, uint64_t *values)
{
    size_t n = 0;
    for (size_t i = 0; i < of->n_samples; i++)
        if (steps->steps[of->samples[i].step].clocked)
            values[n++] = of->samples[i].ns;
    for (size_t i = 0; n == 0 && i < of->n_samples; i++)
        values[i] = of->samples[i].ns;
    return n ? n : of->n_samples;
}

/* The samples of steps that have GPU times. */
static size_t gpu_times_of(const struct node_account *of, const struct gpu_time *gpu,
                           uint64_t *values, bool whole)
{
    size_t n = 0;
    for (size_t i = 0; i < of->n_samples; i++)
        if (gpu->counts[of->samples[i].step]) {
            const struct node_gpu times = node_gpu_of(of, &of->samples[i]);
            values[n++] = whole ? times.whole_ns : times.ns;
        }
    return n;
}

/* Times of the GPU where there are any, else of the host: also for a node that ran in no step that
   was timed. */
static void fill_times(struct node_row *row, const struct node_account *of,
                       const struct account *account, uint64_t *values)
{
    row->time_source =
        facts_timed_by_events(account->replay.facts) ? TIME_SOURCE_EVENT : TIME_SOURCE_CUPTI;
    size_t n = gpu_times_of(of, &account->gpu, values, true);
    row->whole_run_ns = median_lower(values, n);
    n = gpu_times_of(of, &account->gpu, values, false);
    if (n == 0) {
        row->time_source = TIME_SOURCE_HOST;
        n = times_of(of, account->replay.steps, values);
    }
    row->run_ns = median_lower(values, n);
    row->mad_run_ns = median_deviation(values, n);
}

static void fill_medians(struct node_row *row, const struct node_account *of,
                         const struct account *account)
{
    size_t n = of->n_samples;
    uint64_t *values = memory_zeroed(n, sizeof *values);
    row->steps = n;
    COLUMN(values, of, calls);
    row->calls_per_step = median_lower(values, n);
    fill_times(row, of, account, values);
    COLUMN(values, of, active_before);
    row->active_before = median_lower(values, n);
    row->mad_active = median_deviation(values, n);
    COLUMN(values, of, active_after);
    row->active_after = median_lower(values, n);
    COLUMN(values, of, out_bytes);
    row->size = median_lower(values, n);
    COLUMN(values, of, peak);
    row->peak = median_lower(values, n);
    free(values);
    for (size_t i = 0; i < of->n_peaks; i++)
        if (of->peaks[i].bytes == row->peak)
            memcpy(row->by_role, of->peaks[i].by_role, sizeof row->by_role);
}

static void add_op(struct node_rows *rows, const struct account *account, uint32_t node)
{
    const struct node_account *of = &account->nodes.nodes[node];
    struct node_row *row = add_row(rows);
    row->rank = (int64_t)rows->n_rows - 1;
    rows->ranks[node] = row->rank;
    row->name = account->replay.nodes->nodes[node].path;
    row->gtype = nodes_gtype(account->replay.nodes, node);
    row->node_type = "op";
    row->op =
        of->op_kind == NODE_OP_NONE ? "-" : strings_text(&account->replay.facts->strings, of->op);
    fill_medians(row, of, account);
}

void node_rows_of_ops(struct node_rows *rows, struct account *account)
{
    struct node_steps *nodes = &account->nodes;
    rows->ranks = memory_zeroed(nodes->n_nodes, sizeof *rows->ranks);
    for (size_t i = 0; i < nodes->n_nodes; i++)
        rows->ranks[i] = -1;
    fold_phases(nodes);
    for (uint32_t at = nodes->first; at; at = nodes->nodes[at - 1].after)
        if (has_row(&nodes->nodes[at - 1]))
            add_op(rows, account, at - 1);
    if (rows->ranks[NODES_ROOT] < 0 && nodes->nodes[NODES_ROOT].n_samples)
        add_op(rows, account, NODES_ROOT); /* it did nothing, but its time is part of the step's */
    rows->n_ops = rows->n_rows;
    rows->places = memory_zeroed(nodes->n_places + 1, sizeof *rows->places);
    for (size_t i = 0; i < nodes->n_places; i++)
        if (rows->ranks[nodes->places[i].node] >= 0)
            rows->places[rows->n_places++] = nodes->places[i];
}

int64_t node_rows_at(const struct node_rows *rows, uint64_t moment)
{
    if (!moment || !rows->n_places)
        return -1;
    size_t from = 0; /* the last place that is not behind the moment, if there is one */
    for (size_t to = rows->n_places; to - from > 1;) {
        const size_t middle = from + (to - from) / 2;
        if (rows->places[middle].moment <= moment)
            from = middle;
        else
            to = middle;
    }
    return rows->ranks[rows->places[from].node];
}

int64_t node_rows_made_at(const struct node_rows *rows, const struct tensor *tensor)
{
    if (tensor->id.when != WHEN_STEP)
        return -1;
    return tensor->uses.made ? node_rows_at(rows, tensor->uses.made) : rows->ranks[tensor->id.node];
}

static bool is_node_role(enum gp_role role)
{
    return role == GP_ROLE_PARAMETER || role == GP_ROLE_GRADIENT || role == GP_ROLE_OPT_STATE;
}

static enum gtype gtype_of_role(enum gp_role role)
{
    switch (role) {
    case GP_ROLE_PARAMETER:
        return GTYPE_FORWARD;
    case GP_ROLE_GRADIENT:
        return GTYPE_BACKWARD;
    case GP_ROLE_OPT_STATE:
        return GTYPE_OPTIMIZER;
    default:
        return GTYPE_OTHER;
    }
}

static int64_t rank_of(const struct node_rows *rows, const struct account *account,
                       const struct tensor *tensor)
{
    const struct steps *steps = account->replay.steps;
    size_t first_counted = 0;
    while (first_counted < steps->n_steps && !steps->steps[first_counted].counted)
        first_counted++;
    if (tensor->id.when != WHEN_STEP ||
        (tensor->life == TENSOR_PERSISTENT && tensor->made_in_step < first_counted))
        return -1;
    return node_rows_made_at(rows, tensor);
}

void node_rows_of_tensors(struct node_rows *rows, const struct account *account,
                          const uint32_t *order)
{
    for (size_t i = 0; i < account->tensors->n_tensors; i++) {
        const struct tensor *tensor = &account->tensors->tensors[order[i]];
        if (tensor->id.device != account->device || !is_node_role(tensor->role))
            continue;
        struct node_row *row = add_row(rows);
        row->rank = rank_of(rows, account, tensor);
        row->name = tensor->name;
        row->gtype = gtype_of_role(tensor->role);
        row->node_type = gp_role_name(tensor->role);
        const struct fact_api *api = facts_api(account->replay.facts, tensor->api);
        row->op = api->known ? strings_text(&account->replay.facts->strings, api->name) : "-";
        row->steps = tensor->steps;
        row->calls_per_step = tensor->life == TENSOR_PERSISTENT ? 0 : 1;
        row->time_source = TIME_SOURCE_NONE;
        row->active_before = row->active_after = row->peak = row->size = tensor->id.bytes;
        row->by_role[tensor->role] = tensor->id.bytes;
    }
}

void node_rows_free(struct node_rows *rows)
{
    free(rows->rows);
    free(rows->ranks);
    free(rows->places);
    memset(rows, 0, sizeof *rows);
}
