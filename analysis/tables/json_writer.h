/* Writes one flat JSON object (RFC 8259), a member a line. */
#ifndef ANALYSIS_TABLES_JSON_WRITER_H
#define ANALYSIS_TABLES_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer {
    FILE *to;
    bool has_members;
};

void json_begin(struct json_writer *writer);
void json_put_text(struct json_writer *writer, const char *key, const char *text);
void json_put_int(struct json_writer *writer, const char *key, int64_t value);
/* With so many decimals; must be finite. */
void json_put_number(struct json_writer *writer, const char *key, double value, int decimals);
void json_put_bool(struct json_writer *writer, const char *key, bool value);
void json_end(struct json_writer *writer);

#endif
