#include "batch/run_summary.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/json_reader.h"

static const struct {
    const char *path;
    size_t offset;
} numbers[] = {
#define RUN_SUMMARY_NUMBER(field, path) {path, offsetof(struct run_summary, field)},
#include "batch/run_summary.def"
#undef RUN_SUMMARY_NUMBER
};

#define N_NUMBERS (sizeof numbers / sizeof numbers[0])

struct found {
    struct run_summary *summary;
    bool seen[N_NUMBERS];
    bool whole[N_NUMBERS]; /* it is a whole number */
};

static void on_scalar(void *context, const char *path, const char *text, size_t length)
{
    struct found *found = context;
    for (size_t i = 0; i < N_NUMBERS; i++) {
        if (strcmp(path, numbers[i].path) != 0)
            continue;
        char *end = NULL;
        errno = 0;
        int64_t value = strtoll(text, &end, 10);
        found->seen[i] = true;
        found->whole[i] = errno == 0 && end == text + length;
        *(int64_t *)((char *)found->summary + numbers[i].offset) = value;
    }
}

int run_summary_read(const char *path, struct run_summary *summary, struct csv_fault *fault)
{
    struct csv_reader file; /* a whole text file without NUL bytes */
    if (csv_open(&file, path, fault) != 0)
        return -1;
    struct found found = {.summary = summary};
    size_t bad_at = 0;
    int status = json_walk(file.text, on_scalar, &found, &bad_at);
    if (status != 0) {
        size_t line = 1;
        for (size_t i = 0; i < bad_at; i++)
            line += file.text[i] == '\n';
        csv_fail(fault, path, line, "expected JSON, found '%.20s'", file.text + bad_at);
    }
    for (size_t i = 0; i < N_NUMBERS && status == 0; i++)
        if (!found.seen[i] || !found.whole[i])
            status = csv_fail(fault, path, 1, "field %s: expected a whole number, found %s",
                              numbers[i].path, found.seen[i] ? "another value" : "none");
    csv_close(&file);
    return status;
}
