#ifndef GRAPHPROF_UTF8_H
#define GRAPHPROF_UTF8_H

#include <stddef.h>
#include <wchar.h>

/* Writes wide text (UTF-32) as UTF-8 into `size` bytes, as much as fits in whole characters, with
   no terminator. Returns the bytes written; 0 for NULL. What is no character becomes U+FFFD. */
size_t gp_utf8(const wchar_t *text, char *bytes, size_t size);

#endif
