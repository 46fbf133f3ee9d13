/*
 * A strict reader of RFC 4180 CSV: records of fields, quotes resolved, the line of each record
 * known. It refuses what a lenient reader would guess at: a quote inside a bare field, text behind
 * a closing quote, a NUL byte, and a last line without its line end (a file that was cut off).
 * Lines end in LF or CRLF.
 */
#ifndef ANALYSIS_CSV_READER_H
#define ANALYSIS_CSV_READER_H

#include <stddef.h>

#define CSV_COLUMNS_MAX 64

/* What is wrong with a file, as one line without its line end: "FILE:LINE: column NAME: ...". */
struct csv_fault {
    char text[768];
};

struct csv_reader {
    const char *path;
    char *text; /* the whole file; fields of records point into it */
    size_t length;
    size_t at;
    size_t line; /* the line at which `at` stands, from 1 */
};

struct csv_record {
    size_t line; /* where it begins */
    size_t n_fields;
    char *fields[CSV_COLUMNS_MAX];
};

/* Reads the file. 0, or -1 and the fault. `path` must outlive the reader. */
int csv_open(struct csv_reader *reader, const char *path, struct csv_fault *fault);

/* The next record: 1; 0 at the end of the file; -1 and the fault. */
int csv_next(struct csv_reader *reader, struct csv_record *record, struct csv_fault *fault);

/* Frees the text, and with it every field read. */
void csv_close(struct csv_reader *reader);

/* Fills the fault: "PATH:LINE: " and the message. Returns -1. */
int csv_fail(struct csv_fault *fault, const char *path, size_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
