/* Writes RFC 4180 CSV: fields with a comma, quote or line end are quoted. Lines end in LF. */
#ifndef ANALYSIS_TABLES_CSV_WRITER_H
#define ANALYSIS_TABLES_CSV_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct csv_writer {
    FILE *to;
    bool in_line; /* a field of the line is written */
};

/* A text; an empty one is written as "-". */
void csv_put_text(struct csv_writer *writer, const char *text);
void csv_put_int(struct csv_writer *writer, int64_t value);
/* Milliseconds with 6 decimals. */
void csv_put_ms(struct csv_writer *writer, uint64_t ns);
/* With 6 decimals; must be finite. */
void csv_put_ratio(struct csv_writer *writer, double value);
void csv_end_line(struct csv_writer *writer);

#endif
