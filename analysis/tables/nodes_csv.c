#include "graphprof/call_name.h"
#include "tables/csv_writer.h"
#include "tables/tables.h"

const char *tables_time_source(enum time_source source)
{
    static const char *const names[] = {"cupti", "event", "host", "none"};
    return names[source];
}

static void put_header(struct csv_writer *writer)
{
#define GP_NODES_COLUMN(name, kind, meaning) csv_put_text(writer, #name);
#include "graphprof/nodes_csv.def"
#undef GP_NODES_COLUMN
#define GP_ROLE(id, name) csv_put_text(writer, "peak_" #name "_bytes");
#include "graphprof/roles.def"
#undef GP_ROLE
    csv_end_line(writer);
}

/* What stands in each column: an expression of the locals of put_row. */
#define CELL_rank                          row->rank
#define CELL_name                          row->name
#define CELL_gtype                         gtype_name(row->gtype)
#define CELL_node_type                     row->node_type
#define CELL_op                            op
#define CELL_device                        device
#define CELL_steps                         (int64_t) row->steps
#define CELL_calls_per_step                (int64_t) row->calls_per_step
#define CELL_median_run_time_ms            row->run_ns
#define CELL_mad_run_time_ms               row->mad_run_ns
#define CELL_time_source                   tables_time_source(row->time_source)
#define CELL_median_active_mem_bytes       (int64_t) row->active_before
#define CELL_median_active_mem_after_bytes (int64_t) row->active_after
#define CELL_median_peak_mem_bytes         (int64_t) row->peak
#define CELL_median_memory_size_bytes      (int64_t) row->size
#define CELL_mad_active_mem_bytes          (int64_t) row->mad_active

static void put_row(struct csv_writer *writer, const struct node_row *row, const char *device)
{
    char op[256];
    gp_kernel_plain_name(row->op, op, sizeof op);
#define GP_NODES_COLUMN(name, kind, meaning) csv_put_##kind(writer, CELL_##name);
#include "graphprof/nodes_csv.def"
#undef GP_NODES_COLUMN
    for (unsigned i = 0; i < GP_ROLE_COUNT; i++)
        csv_put_int(writer, (int64_t)row->by_role[i]);
    csv_end_line(writer);
}

void tables_write_nodes(FILE *to, const struct node_rows *rows, const struct account *account)
{
    struct csv_writer writer = {.to = to};
    char device[32];
    facts_device_string(account->replay.facts, account->device, device, sizeof device);
    put_header(&writer);
    for (size_t i = 0; i < rows->n_rows; i++)
        put_row(&writer, &rows->rows[i], device);
}
