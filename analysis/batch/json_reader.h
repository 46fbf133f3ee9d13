/*
 * A strict reader of RFC 8259 JSON for files of a few scalars: it walks the whole text and hands
 * over each scalar with the path to it, as in "pool.used_high_bytes" or "devices.0.name".
 */
#ifndef ANALYSIS_BATCH_JSON_READER_H
#define ANALYSIS_BATCH_JSON_READER_H

#include <stddef.h>

#define JSON_PATH_MAX 256

/* `text` is the scalar as written, a string without its quotes and with its escapes left. */
typedef void json_scalar_function(void *context, const char *path, const char *text, size_t length);

/* 0, or -1 if `json` (terminated by NUL) is not one JSON value; *bad_at is then where it fails. */
int json_walk(const char *json, json_scalar_function *on_scalar, void *context, size_t *bad_at);

#endif
