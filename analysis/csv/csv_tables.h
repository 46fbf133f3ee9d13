/*
 * nodes.csv, tensors.csv and ranks.csv as typed rows, read against include/graphprof/{nodes_csv,
 * tensors_csv,ranks_csv,roles}.def. The header must be those columns in that order; every field
 * must be of its column's kind: an int is a whole decimal number, negative only where it is a rank;
 * ms and ratio have 6 decimals and are not negative; a text that is one of a fixed set of words
 * must be one of them.
 */
#ifndef ANALYSIS_CSV_TABLES_H
#define ANALYSIS_CSV_TABLES_H

#include <stdint.h>

#include "csv/csv_reader.h"
#include "graphprof/role.h"

#define CSV_TYPE_text  const char *
#define CSV_TYPE_int   int64_t
#define CSV_TYPE_ms    double
#define CSV_TYPE_ratio double

struct csv_node {
#define GP_NODES_COLUMN(name, kind, meaning) CSV_TYPE_##kind name;
#include "graphprof/nodes_csv.def"
#undef GP_NODES_COLUMN
    int64_t peak_bytes[GP_ROLE_COUNT]; /* by enum gp_role */
};

struct csv_tensor {
#define GP_TENSORS_COLUMN(name, kind, meaning) CSV_TYPE_##kind name;
#include "graphprof/tensors_csv.def"
#undef GP_TENSORS_COLUMN
};

struct csv_rank_op {
#define GP_RANKS_COLUMN(name, kind, meaning) CSV_TYPE_##kind name;
#include "graphprof/ranks_csv.def"
#undef GP_RANKS_COLUMN
};

struct csv_nodes {
    struct csv_reader reader; /* holds the texts */
    struct csv_node *rows;
    size_t n_rows;
};

struct csv_tensors {
    struct csv_reader reader;
    struct csv_tensor *rows;
    size_t n_rows;
};

struct csv_ranks {
    struct csv_reader reader;
    struct csv_rank_op *rows;
    size_t n_rows;
};

/* At least one row, or -1 and the fault. Ops stand in the order of their ranks, which are unique.
 */
int csv_read_nodes(const char *path, struct csv_nodes *nodes, struct csv_fault *fault);
int csv_read_tensors(const char *path, struct csv_tensors *tensors, struct csv_fault *fault);

/* Each op ran in at least one rank; least, median and most stand in that order; a ratio is at
 * least 1. */
int csv_read_ranks(const char *path, struct csv_ranks *ranks, struct csv_fault *fault);

/* Every rank in `tensors` is -1 or that of a row of `nodes`: 0, or -1 and the fault. */
int csv_match_ranks(const struct csv_nodes *nodes, const struct csv_tensors *tensors,
                    struct csv_fault *fault);

void csv_free_nodes(struct csv_nodes *nodes);
void csv_free_tensors(struct csv_tensors *tensors);
void csv_free_ranks(struct csv_ranks *ranks);

#endif
