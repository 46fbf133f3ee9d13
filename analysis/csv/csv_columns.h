/* The columns of the CSVs as tables, from include/graphprof/: for the reader. */
#ifndef ANALYSIS_CSV_COLUMNS_H
#define ANALYSIS_CSV_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

enum csv_kind {
    CSV_KIND_text,
    CSV_KIND_int,
    CSV_KIND_ms,
    CSV_KIND_ratio
};

struct csv_column {
    const char *name;
    enum csv_kind kind;
    size_t offset; /* of its field in struct csv_node, csv_tensor or csv_rank_op */
};

/* The words that a column's texts are limited to; `words` ends with NULL. */
struct csv_vocabulary {
    const char *column;
    const char *const *words;
};

struct csv_columns {
    const struct csv_column *columns;
    size_t n_columns;
    size_t row_bytes;
    const struct csv_vocabulary *vocabularies; /* ends with a NULL column */
};

extern const struct csv_columns csv_nodes_columns;
extern const struct csv_columns csv_tensors_columns;
extern const struct csv_columns csv_ranks_columns;

/* The words that a text column is limited to, or NULL where any text may stand. */
const char *const *csv_words(const struct csv_columns *table, const struct csv_column *column);

/* True for columns that hold node ranks: -1 stands for none there. */
bool csv_is_rank(const struct csv_column *column);

#endif
