#include "tables/csv_writer.h"

#include <inttypes.h>
#include <string.h>

static void separate(struct csv_writer *writer)
{
    if (writer->in_line)
        putc(',', writer->to);
    writer->in_line = true;
}

void csv_put_text(struct csv_writer *writer, const char *text)
{
    separate(writer);
    if (!*text)
        text = "-";
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs(text, writer->to);
        return;
    }
    putc('"', writer->to);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', writer->to);
        putc(*text, writer->to);
    }
    putc('"', writer->to);
}

void csv_put_int(struct csv_writer *writer, int64_t value)
{
    separate(writer);
    fprintf(writer->to, "%" PRId64, value);
}

void csv_put_ms(struct csv_writer *writer, uint64_t ns)
{
    separate(writer);
    fprintf(writer->to, "%" PRIu64 ".%06" PRIu64, ns / 1000000, ns % 1000000);
}

void csv_put_ratio(struct csv_writer *writer, double value)
{
    separate(writer);
    fprintf(writer->to, "%.6f", value);
}

void csv_end_line(struct csv_writer *writer)
{
    putc('\n', writer->to);
    writer->in_line = false;
}
