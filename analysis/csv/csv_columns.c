#include "csv/csv_columns.h"

#include <string.h>

#include "csv/csv_tables.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct csv_column nodes_columns[] = {
#define GP_NODES_COLUMN(name, kind, meaning)                                                       \
    {#name, CSV_KIND_##kind, offsetof(struct csv_node, name)},
#include "graphprof/nodes_csv.def"
#undef GP_NODES_COLUMN
#define GP_ROLE(id, name)                                                                          \
    {"peak_" #name "_bytes", CSV_KIND_int,                                                         \
     offsetof(struct csv_node, peak_bytes) + GP_ROLE_##id * sizeof(int64_t)},
#include "graphprof/roles.def"
#undef GP_ROLE
};

static const struct csv_column tensors_columns[] = {
#define GP_TENSORS_COLUMN(name, kind, meaning)                                                     \
    {#name, CSV_KIND_##kind, offsetof(struct csv_tensor, name)},
#include "graphprof/tensors_csv.def"
#undef GP_TENSORS_COLUMN
};

static const struct csv_column ranks_columns[] = {
#define GP_RANKS_COLUMN(name, kind, meaning)                                                       \
    {#name, CSV_KIND_##kind, offsetof(struct csv_rank_op, name)},
#include "graphprof/ranks_csv.def"
#undef GP_RANKS_COLUMN
};

_Static_assert(COUNT(nodes_columns) <= CSV_COLUMNS_MAX, "a record holds every column");
_Static_assert(COUNT(tensors_columns) <= CSV_COLUMNS_MAX, "a record holds every column");
_Static_assert(COUNT(ranks_columns) <= CSV_COLUMNS_MAX, "a record holds every column");

/* As the meanings in nodes_csv.def and tensors_csv.def name them. */
static const char *const gtypes[] = {"forward", "backward", "optimizer", "other", NULL};
static const char *const node_types[] = {"op", "parameter", "gradient", "opt_state", NULL};
static const char *const time_sources[] = {"cupti", "event", "host", "none", NULL};
static const char *const ranks_time_sources[] = {"cupti", "event", "host", "mixed", NULL};
static const char *const role_sources[] = {"nvtx", "operand", "lifetime", "library", "none", NULL};
static const char *const roles[] = {
#define GP_ROLE(id, name) #name,
#include "graphprof/roles.def"
#undef GP_ROLE
    NULL};

static const struct csv_vocabulary nodes_vocabularies[] = {
    {"gtype", gtypes}, {"node_type", node_types}, {"time_source", time_sources}, {NULL, NULL}};
static const struct csv_vocabulary ranks_vocabularies[] = {
    {"gtype", gtypes}, {"time_source", ranks_time_sources}, {NULL, NULL}};
static const struct csv_vocabulary tensors_vocabularies[] = {
    {"node_type", roles}, {"role_source", role_sources}, {NULL, NULL}};

const struct csv_columns csv_nodes_columns = {nodes_columns, COUNT(nodes_columns),
                                              sizeof(struct csv_node), nodes_vocabularies};
const struct csv_columns csv_tensors_columns = {tensors_columns, COUNT(tensors_columns),
                                                sizeof(struct csv_tensor), tensors_vocabularies};

const struct csv_columns csv_ranks_columns = {ranks_columns, COUNT(ranks_columns),
                                              sizeof(struct csv_rank_op), ranks_vocabularies};

const char *const *csv_words(const struct csv_columns *table, const struct csv_column *column)
{
    for (const struct csv_vocabulary *v = table->vocabularies; v->column; v++)
        if (strcmp(v->column, column->name) == 0)
            return v->words;
    return NULL;
}

bool csv_is_rank(const struct csv_column *column)
{
    static const char suffix[] = "rank";
    size_t length = strlen(column->name);
    return length >= sizeof suffix - 1 &&
           strcmp(column->name + length - (sizeof suffix - 1), suffix) == 0;
}
