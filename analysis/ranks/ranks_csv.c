#include "ranks/ranks.h"
#include "tables/csv_writer.h"
#include "tables/tables.h"

static void put_header(struct csv_writer *writer)
{
#define GP_RANKS_COLUMN(name, kind, meaning) csv_put_text(writer, #name);
#include "graphprof/ranks_csv.def"
#undef GP_RANKS_COLUMN
    csv_end_line(writer);
}

/* What stands in each column: an expression of the locals of put_row. */
#define CELL_name                  op->name
#define CELL_gtype                 gtype_name(op->gtype)
#define CELL_ranks                 (int64_t) op->n
#define CELL_time_source           (op->mixed ? "mixed" : tables_time_source(op->time_source))
#define CELL_min_run_time_ms       time.min
#define CELL_median_run_time_ms    time.median
#define CELL_max_run_time_ms       time.max
#define CELL_max_run_time_rank     time.max_rank
#define CELL_run_time_imbalance    time.imbalance
#define CELL_min_peak_mem_bytes    (int64_t) peak.min
#define CELL_median_peak_mem_bytes (int64_t) peak.median
#define CELL_max_peak_mem_bytes    (int64_t) peak.max
#define CELL_max_peak_mem_rank     peak.max_rank
#define CELL_peak_mem_imbalance    peak.imbalance

static void put_row(struct csv_writer *writer, const struct rank_op *op)
{
    const struct rank_spread time = ranks_spread(op, &op->run_ns);
    const struct rank_spread peak = ranks_spread(op, &op->peak);
#define GP_RANKS_COLUMN(name, kind, meaning) csv_put_##kind(writer, CELL_##name);
#include "graphprof/ranks_csv.def"
#undef GP_RANKS_COLUMN
    csv_end_line(writer);
}

void ranks_write_csv(FILE *to, const struct ranks *ranks)
{
    struct csv_writer writer = {.to = to};
    put_header(&writer);
    for (const struct rank_op *op = ranks->ops; op; op = op->hh.next)
        put_row(&writer, op);
}
