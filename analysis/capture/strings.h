/*
 * The strings of a capture by id. Ids of equal texts have the same `canonical` id, so that names
 * are compared as numbers. Control characters are replaced by spaces: a name stays on its line.
 */
#ifndef ANALYSIS_CAPTURE_STRINGS_H
#define ANALYSIS_CAPTURE_STRINGS_H

#include <stddef.h>
#include <stdint.h>

struct string_by_text;

struct string_entry {
    char *text; /* with a terminator; NULL: this id was not given */
    uint32_t canonical;
};

struct strings {
    struct string_entry *entries; /* by id */
    size_t n_entries;
    size_t capacity;
    struct string_by_text *by_text;
};

/* Takes `bytes` of text under `id`. An id that was given before keeps its text. */
void strings_add(struct strings *strings, uint32_t id, const char *text, size_t bytes);

/* The text of an id: "" for 0, "?" for an id that the capture does not explain. */
const char *strings_text(const struct strings *strings, uint32_t id);

/* The canonical id; 0 stays 0, an unknown id stays itself. */
uint32_t strings_canonical(const struct strings *strings, uint32_t id);

void strings_free(struct strings *strings);

#endif
