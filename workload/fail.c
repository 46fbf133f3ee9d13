/* See fail.h. */
#include "fail.h"
#include "ranges.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_reason(const char *format, va_list args)
{
    fflush(stdout); /* the steps that were done stand before the reason */
    fputs("resnet152: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_reason(format, args);
    va_end(args);
    exit(EXIT_FAILURE);
}

void fail_input(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_reason(format, args);
    va_end(args);
    exit(2);
}

void fail_call(const char *call, const char *reason)
{
    fail("%.*s failed in %s: %s", (int)strcspn(call, "("), call, ranges_current(), reason);
}

void *must_alloc(size_t count, size_t bytes)
{
    void *p = calloc(count, bytes);
    if (!p && count * bytes != 0)
        fail("out of host memory: %zu bytes asked in %s", count * bytes, ranges_current());
    return p;
}
