#include "csv/csv_tables.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "csv/csv_columns.h"

#define SHOWN "%.80s" /* how much of a bad field is quoted */

/* Where the header of `record` has the column, from 1; 0: nowhere. */
static size_t find_header(const struct csv_record *record, const char *name, size_t from)
{
    for (size_t i = from; i < record->n_fields; i++)
        if (strcmp(record->fields[i], name) == 0)
            return i + 1;
    return 0;
}

static int check_header(const struct csv_columns *table, const char *path,
                        const struct csv_record *record, struct csv_fault *fault)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *name = table->columns[i].name;
        size_t at = find_header(record, name, 0);
        size_t again = at ? find_header(record, name, at) : 0;
        if (again)
            return csv_fail(fault, path, 1,
                            "column %s: expected once, found as columns %zu and %zu", name, at,
                            again);
        if (!at)
            return csv_fail(fault, path, 1, "column %s: expected as column %zu, found none", name,
                            i + 1);
    }
    for (size_t i = 0; i < record->n_fields; i++) {
        size_t expected = 0;
        for (size_t j = 0; j < table->n_columns && !expected; j++)
            expected = strcmp(table->columns[j].name, record->fields[i]) == 0 ? j + 1 : 0;
        if (!expected)
            return csv_fail(fault, path, 1, "column " SHOWN ": expected no column of that name",
                            record->fields[i]);
        if (expected != i + 1)
            return csv_fail(fault, path, 1,
                            "column " SHOWN ": expected as column %zu, found as column %zu",
                            record->fields[i], expected, i + 1);
    }
    return 0;
}

static bool parse_int(const char *text, bool may_be_minus_one, int64_t *value)
{
    if (may_be_minus_one && strcmp(text, "-1") == 0) {
        *value = -1;
        return true;
    }
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0' || (text[0] == '0' && digits > 1))
        return false;
    errno = 0;
    *value = strtoll(text, NULL, 10);
    return errno == 0;
}

static bool parse_decimals(const char *text, double *value)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '.' || strspn(text + digits + 1, "0123456789") != 6 ||
        text[digits + 7] != '\0')
        return false;
    *value = strtod(text, NULL);
    return true;
}

static bool is_word(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

/* "a, b or c" */
static void list_words(char *list, size_t bytes, const char *const *words)
{
    list[0] = '\0';
    for (size_t i = 0; words[i]; i++) {
        const char *join = i == 0 ? "" : words[i + 1] ? ", " : " or ";
        strncat(list, join, bytes - strlen(list) - 1);
        strncat(list, words[i], bytes - strlen(list) - 1);
    }
}

static int parse_field(const struct csv_columns *table, const struct csv_column *column,
                       const char *path, size_t line, const char *text, void *row,
                       struct csv_fault *fault)
{
    void *to = (char *)row + column->offset;
    switch (column->kind) {
    case CSV_KIND_int:
        if (!parse_int(text, csv_is_rank(column), to))
            return csv_fail(fault, path, line,
                            "column %s: expected a whole number%s, found '" SHOWN "'", column->name,
                            csv_is_rank(column) ? " or -1" : "", text);
        return 0;
    case CSV_KIND_ms:
        if (!parse_decimals(text, to))
            return csv_fail(fault, path, line,
                            "column %s: expected milliseconds with 6 decimals, found '" SHOWN "'",
                            column->name, text);
        return 0;
    case CSV_KIND_ratio:
        if (!parse_decimals(text, to))
            return csv_fail(fault, path, line,
                            "column %s: expected a ratio with 6 decimals, found '" SHOWN "'",
                            column->name, text);
        return 0;
    case CSV_KIND_text:
        break;
    }
    const char *const *words = csv_words(table, column);
    if (words && !is_word(text, words)) {
        char list[256];
        list_words(list, sizeof list, words);
        return csv_fail(fault, path, line, "column %s: expected %s, found '" SHOWN "'",
                        column->name, list, text);
    }
    if (!*text && strcmp(column->name, "op") != 0)
        return csv_fail(fault, path, line, "column %s: expected a text, found nothing",
                        column->name);
    *(const char **)to = text;
    return 0;
}

static int parse_row(const struct csv_columns *table, const char *path,
                     const struct csv_record *record, void *row, struct csv_fault *fault)
{
    for (size_t i = 0; i < table->n_columns && i < record->n_fields; i++)
        if (parse_field(table, &table->columns[i], path, record->line, record->fields[i], row,
                        fault) != 0)
            return -1;
    if (record->n_fields < table->n_columns)
        return csv_fail(fault, path, record->line, "column %s: expected %zu columns, found %zu",
                        table->columns[record->n_fields].name, table->n_columns, record->n_fields);
    if (record->n_fields > table->n_columns)
        return csv_fail(fault, path, record->line, "column %zu: expected %zu columns, found %zu",
                        table->n_columns + 1, table->n_columns, record->n_fields);
    return 0;
}

/* Reads header and rows; *rows (table->row_bytes each) is the caller's to free. */
static int read_rows(const struct csv_columns *table, struct csv_reader *reader, void **rows,
                     size_t *n_rows, struct csv_fault *fault)
{
    struct csv_record record;
    int got = csv_next(reader, &record, fault);
    if (got == 0)
        return csv_fail(fault, reader->path, 1,
                        "column %s: expected the header line, found an empty file",
                        table->columns[0].name);
    if (got < 0 || check_header(table, reader->path, &record, fault) != 0)
        return -1;
    size_t n = 0;
    size_t room = 0;
    while ((got = csv_next(reader, &record, fault)) > 0) {
        if (n == room)
            *rows = array_grown(*rows, &room, n + 1, table->row_bytes);
        void *row = (char *)*rows + n * table->row_bytes;
        if (parse_row(table, reader->path, &record, row, fault) != 0)
            return -1;
        *n_rows = ++n;
    }
    if (got == 0 && n == 0)
        return csv_fail(fault, reader->path, 2, "column %s: expected a row, found the end",
                        table->columns[0].name);
    return got;
}

static int read_table(const struct csv_columns *table, const char *path, struct csv_reader *reader,
                      void **rows, size_t *n_rows, struct csv_fault *fault)
{
    *rows = NULL;
    *n_rows = 0;
    if (csv_open(reader, path, fault) != 0)
        return -1;
    return read_rows(table, reader, rows, n_rows, fault);
}

/* The line on which row i stands, as long as no field holds a line end. */
static size_t line_of(size_t i) { return i + 2; }

static int check_op_order(const char *path, const struct csv_nodes *nodes, struct csv_fault *fault)
{
    int64_t last = -1;
    for (size_t i = 0; i < nodes->n_rows; i++) {
        const struct csv_node *node = &nodes->rows[i];
        if (strcmp(node->node_type, "op") != 0)
            continue;
        if (node->rank <= last)
            return csv_fail(fault, path, line_of(i),
                            "column rank: expected more than %lld (ops stand in order), found %lld",
                            (long long)last, (long long)node->rank);
        last = node->rank;
    }
    if (last < 0)
        return csv_fail(fault, path, 2, "column node_type: expected at least one op, found none");
    return 0;
}

int csv_read_nodes(const char *path, struct csv_nodes *nodes, struct csv_fault *fault)
{
    void *rows = NULL;
    int status = read_table(&csv_nodes_columns, path, &nodes->reader, &rows, &nodes->n_rows, fault);
    nodes->rows = rows;
    if (status == 0)
        status = check_op_order(path, nodes, fault);
    if (status != 0)
        csv_free_nodes(nodes);
    return status;
}

int csv_read_tensors(const char *path, struct csv_tensors *tensors, struct csv_fault *fault)
{
    void *rows = NULL;
    int status =
        read_table(&csv_tensors_columns, path, &tensors->reader, &rows, &tensors->n_rows, fault);
    tensors->rows = rows;
    if (status != 0)
        csv_free_tensors(tensors);
    return status;
}

/* The name of the first column that cannot be, beside the others; NULL if all can. */
static const char *wrong_column(const struct csv_rank_op *op)
{
    return op->ranks < 1                                        ? "ranks"
           : op->median_run_time_ms < op->min_run_time_ms       ? "median_run_time_ms"
           : op->max_run_time_ms < op->median_run_time_ms       ? "max_run_time_ms"
           : op->max_run_time_rank < 0                          ? "max_run_time_rank"
           : op->run_time_imbalance < 1                         ? "run_time_imbalance"
           : op->median_peak_mem_bytes < op->min_peak_mem_bytes ? "median_peak_mem_bytes"
           : op->max_peak_mem_bytes < op->median_peak_mem_bytes ? "max_peak_mem_bytes"
           : op->max_peak_mem_rank < 0                          ? "max_peak_mem_rank"
           : op->peak_mem_imbalance < 1                         ? "peak_mem_imbalance"
                                                                : NULL;
}

int csv_read_ranks(const char *path, struct csv_ranks *ranks, struct csv_fault *fault)
{
    void *rows = NULL;
    int status = read_table(&csv_ranks_columns, path, &ranks->reader, &rows, &ranks->n_rows, fault);
    ranks->rows = rows;
    for (size_t i = 0; ranks->rows && i < ranks->n_rows && status == 0; i++) {
        const char *wrong = wrong_column(&ranks->rows[i]);
        if (wrong)
            status = csv_fail(fault, path, line_of(i),
                              "column %s: expected at least 1 rank, least, median and most in that "
                              "order, and ratios of at least 1",
                              wrong);
    }
    if (status != 0)
        csv_free_ranks(ranks);
    return status;
}

void csv_free_ranks(struct csv_ranks *ranks)
{
    csv_close(&ranks->reader);
    free(ranks->rows);
    ranks->rows = NULL;
    ranks->n_rows = 0;
}

static bool has_rank(const struct csv_nodes *nodes, int64_t rank)
{
    for (size_t i = 0; i < nodes->n_rows; i++)
        if (nodes->rows[i].rank == rank)
            return true;
    return false;
}

int csv_match_ranks(const struct csv_nodes *nodes, const struct csv_tensors *tensors,
                    struct csv_fault *fault)
{
    for (size_t i = 0; i < tensors->n_rows; i++)
        for (size_t c = 0; c < csv_tensors_columns.n_columns; c++) {
            const struct csv_column *column = &csv_tensors_columns.columns[c];
            if (!csv_is_rank(column))
                continue;
            int64_t rank = *(int64_t *)((char *)&tensors->rows[i] + column->offset);
            if (rank >= 0 && !has_rank(nodes, rank))
                return csv_fail(fault, tensors->reader.path, line_of(i),
                                "column %s: expected the rank of a row of nodes.csv, found %lld",
                                column->name, (long long)rank);
        }
    return 0;
}

void csv_free_nodes(struct csv_nodes *nodes)
{
    csv_close(&nodes->reader);
    free(nodes->rows);
    nodes->rows = NULL;
    nodes->n_rows = 0;
}

void csv_free_tensors(struct csv_tensors *tensors)
{
    csv_close(&tensors->reader);
    free(tensors->rows);
    tensors->rows = NULL;
    tensors->n_rows = 0;
}
