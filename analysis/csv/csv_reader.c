#include "csv/csv_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int csv_fail(struct csv_fault *fault, const char *path, size_t line, const char *format, ...)
{
    int used = snprintf(fault->text, sizeof fault->text, "%.400s:%zu: ", path, line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault->text + used, sizeof fault->text - (size_t)used, format, arguments);
    va_end(arguments);
    for (char *c = fault->text; *c; c++) /* a fault is one line, whatever the file held */
        if ((unsigned char)*c < ' ')
            *c = '?';
    return -1;
}

static int read_whole(struct csv_reader *reader, FILE *file)
{
    size_t room = 1 << 16;
    reader->text = malloc(room + 1);
    while (reader->text) {
        reader->length += fread(reader->text + reader->length, 1, room - reader->length, file);
        if (reader->length < room)
            break;
        room *= 2;
        char *larger = realloc(reader->text, room + 1);
        if (!larger) {
            free(reader->text);
            reader->text = NULL;
        } else {
            reader->text = larger;
        }
    }
    if (!reader->text || ferror(file))
        return -1;
    reader->text[reader->length] = '\0';
    return 0;
}

int csv_open(struct csv_reader *reader, const char *path, struct csv_fault *fault)
{
    *reader = (struct csv_reader){.path = path, .line = 1};
    FILE *file = fopen(path, "rb");
    if (!file || read_whole(reader, file) != 0) {
        int error = errno;
        csv_fail(fault, path, 1, "expected a file that can be read: %s", strerror(error));
        if (file)
            fclose(file);
        csv_close(reader);
        return -1;
    }
    fclose(file);
    const char *nul = memchr(reader->text, '\0', reader->length);
    if (nul) {
        size_t line = 1;
        for (const char *c = reader->text; c < nul; c++)
            line += *c == '\n';
        csv_fail(fault, path, line, "expected text, found a NUL byte");
        csv_close(reader);
        return -1;
    }
    return 0;
}

void csv_close(struct csv_reader *reader)
{
    free(reader->text);
    *reader = (struct csv_reader){0};
}

/*
 * Resolves the field at reader->at in place and moves behind it. Returns its end, at which the
 * caller finds the separator's first byte in *separator, or NULL and the fault.
 */
static char *read_field(struct csv_reader *reader, size_t column, char *separator,
                        struct csv_fault *fault)
{
    char *text = reader->text;
    size_t to = reader->at;
    if (text[reader->at] == '"') {
        for (reader->at++;; reader->at++) {
            char c = text[reader->at];
            if (c == '"' && text[reader->at + 1] != '"')
                break;
            if (c == '"')
                reader->at++;
            if (c == '\0') {
                csv_fail(fault, reader->path, reader->line,
                         "column %zu: expected a closing quote, found the end of the file", column);
                return NULL;
            }
            reader->line += c == '\n';
            text[to++] = c;
        }
        reader->at++;
    } else {
        while (!strchr(",\r\n\"", text[reader->at])) /* finds the final NUL as well */
            text[to++] = text[reader->at++];
    }
    *separator = text[reader->at];
    if (*separator == '\r' && text[reader->at + 1] == '\n') {
        *separator = '\n';
        reader->at++;
    }
    if (*separator == '\0') {
        csv_fail(fault, reader->path, reader->line,
                 "column %zu: expected a line end, found the end of the file: it was cut off",
                 column);
        return NULL;
    }
    if (*separator != ',' && *separator != '\n') {
        csv_fail(fault, reader->path, reader->line,
                 "column %zu: expected a comma or a line end behind the field, found '%c'", column,
                 *separator);
        return NULL;
    }
    reader->at++;
    return text + to;
}

int csv_next(struct csv_reader *reader, struct csv_record *record, struct csv_fault *fault)
{
    if (reader->at == reader->length)
        return 0;
    record->line = reader->line;
    record->n_fields = 0;
    char separator = ',';
    while (separator == ',') {
        if (record->n_fields == CSV_COLUMNS_MAX)
            return csv_fail(fault, reader->path, reader->line, "expected at most %d columns",
                            CSV_COLUMNS_MAX);
        char *begin = reader->text + reader->at;
        char *end = read_field(reader, record->n_fields + 1, &separator, fault);
        if (!end)
            return -1;
        *end = '\0'; /* at or before the separator, which has been read */
        record->fields[record->n_fields++] = begin;
    }
    reader->line++;
    return 1;
}
