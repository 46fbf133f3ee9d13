/*
 * Names by content: each text has one id and stands once in the capture, before any record that
 * uses the id. Looking a known name up takes no lock. The table is bounded: when it is full, a name
 * that it lacks is written anew, with a new id, each time it is used.
 */
#ifndef GRAPHPROF_STRING_TABLE_H
#define GRAPHPROF_STRING_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define GP_STRINGS_MAX 49152u /* names kept */

/* The id; 0 if nothing can be written. Longer texts are cut to GP_STRING_BYTES_MAX. Any thread. */
uint32_t gp_string(const char *text);
uint32_t gp_string_bytes(const char *bytes, size_t length);

#endif
