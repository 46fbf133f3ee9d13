#include "tables/csv_writer.h"
#include "tables/tables.h"

/* GPU time of the ops of the rows in [from, to). */
static uint64_t gpu_ns_between(const struct node_rows *rows, int64_t from, int64_t to)
{
    uint64_t sum = 0;
    for (int64_t i = from; i < to; i++)
        if (time_source_is_gpu(rows->rows[i].time_source))
            sum += rows->rows[i].run_ns;
    return sum;
}

/*
 * From its last forward use to its first backward use, in ns: the GPU time of the nodes between the
 * two where they have it, for the calls are made long before the GPU comes to them; else what
 * passed on the host in the reference step.
 */
static uint64_t idle_of(const struct tensor_uses *uses, const struct node_rows *rows)
{
    const int64_t last_fw = node_rows_at(rows, uses->last_fw);
    const int64_t first_bw = node_rows_at(rows, uses->first_bw);
    if (last_fw < 0 || first_bw < 0)
        return 0;
    if (time_source_is_gpu(rows->rows[last_fw].time_source) &&
        time_source_is_gpu(rows->rows[first_bw].time_source))
        return gpu_ns_between(rows, last_fw + 1, first_bw);
    return uses->first_bw_ns > uses->last_fw_ns ? uses->first_bw_ns - uses->last_fw_ns : 0;
}

static const char *producer_of(const struct tensor *tensor, const struct nodes *nodes)
{
    switch (tensor->id.when) {
    case WHEN_BEFORE:
        return "(before steps)";
    case WHEN_BETWEEN:
        return "(between steps)";
    case WHEN_UNDETAILED:
        return "(step not recorded in detail)";
    default:
        return nodes->nodes[tensor->id.node].path;
    }
}

static const char *allocator_of(const struct tensor *tensor, const struct facts *facts)
{
    const struct fact_api *api = facts_api(facts, tensor->api);
    return api->known ? strings_text(&facts->strings, api->name) : "-";
}

static void put_header(struct csv_writer *writer)
{
#define GP_TENSORS_COLUMN(name, kind, meaning) csv_put_text(writer, #name);
#include "graphprof/tensors_csv.def"
#undef GP_TENSORS_COLUMN
    csv_end_line(writer);
}

/* What stands in each column: an expression of the locals of put_row. */
#define CELL_name              tensor->name
#define CELL_node_type         gp_role_name(tensor->role)
#define CELL_role_source       role_source_name(tensor->role_source)
#define CELL_bytes             (int64_t) tensor->id.bytes
#define CELL_device            device
#define CELL_allocator         allocator_of(tensor, account->replay.facts)
#define CELL_producer          producer_of(tensor, account->replay.nodes)
#define CELL_producer_rank     node_rows_made_at(rows, tensor)
#define CELL_first_fw_use_rank node_rows_at(rows, uses->first_fw)
#define CELL_last_fw_use_rank  node_rows_at(rows, uses->last_fw)
#define CELL_first_bw_use_rank node_rows_at(rows, uses->first_bw)
#define CELL_last_bw_use_rank  node_rows_at(rows, uses->last_bw)
#define CELL_free_rank         node_rows_at(rows, uses->freed)
#define CELL_idle_ms           idle_of(uses, rows)
#define CELL_live_at_peak      uses->live_at_peak
#define CELL_steps             (int64_t) tensor->steps

static void put_row(struct csv_writer *writer, const struct tensor *tensor,
                    const struct node_rows *rows, const struct account *account)
{
    const struct tensor_uses *uses = &tensor->uses;
    char device[32];
    facts_device_string(account->replay.facts, tensor->id.device, device, sizeof device);
#define GP_TENSORS_COLUMN(name, kind, meaning) csv_put_##kind(writer, CELL_##name);
#include "graphprof/tensors_csv.def"
#undef GP_TENSORS_COLUMN
    csv_end_line(writer);
}

void tables_write_tensors(FILE *to, const struct node_rows *rows, const struct account *account,
                          const uint32_t *order)
{
    struct csv_writer writer = {.to = to};
    put_header(&writer);
    for (size_t i = 0; i < account->tensors->n_tensors; i++)
        if (account->tensors->tensors[order[i]].id.device == account->device)
            put_row(&writer, &account->tensors->tensors[order[i]], rows, account);
}
