#include "tables/json_writer.h"

#include <inttypes.h>

static void put_string(FILE *to, const char *text)
{
    putc('"', to);
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            fprintf(to, "\\%c", byte);
        else if (byte < ' ')
            fprintf(to, "\\u%04x", byte);
        else
            putc(byte, to);
    }
    putc('"', to);
}

static void put_key(struct json_writer *writer, const char *key)
{
    fputs(writer->has_members ? ",\n  " : "\n  ", writer->to);
    writer->has_members = true;
    put_string(writer->to, key);
    fputs(": ", writer->to);
}

void json_begin(struct json_writer *writer) { putc('{', writer->to); }

void json_put_text(struct json_writer *writer, const char *key, const char *text)
{
    put_key(writer, key);
    put_string(writer->to, text);
}

void json_put_int(struct json_writer *writer, const char *key, int64_t value)
{
    put_key(writer, key);
    fprintf(writer->to, "%" PRId64, value);
}

void json_put_number(struct json_writer *writer, const char *key, double value, int decimals)
{
    put_key(writer, key);
    fprintf(writer->to, "%.*f", decimals, value);
}

void json_put_bool(struct json_writer *writer, const char *key, bool value)
{
    put_key(writer, key);
    fputs(value ? "true" : "false", writer->to);
}

void json_end(struct json_writer *writer) { fputs("\n}\n", writer->to); }
