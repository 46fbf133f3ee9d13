/*
 * Names of calls, as a user writes them and as nodes bear them where a program has no ranges.
 * Inline, since recorder and analysis must take them for the same.
 */
#ifndef GRAPHPROF_CALL_NAME_H
#define GRAPHPROF_CALL_NAME_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What GRAPHPROF_STEP_EVERY and --step-every expect, for messages. */
#define GP_CALL_EVERY_EXPECTED                                                                     \
    "the name of an intercepted function or of a kernel, under 256 bytes, with :N behind it for "  \
    "each N-th call"

/* Ranges that the recorder starts and ends for GRAPHPROF_STEP_EVERY, in the default domain. */
#define GP_STEP_EVERY_RANGE "graphprof.step"

/* A call that steps are counted by: each `every`-th of that name, in each thread. */
struct gp_call_every {
    char name[256];
    uint64_t every; /* at least 1 */
};

/* Reads CALL or CALL:N; false if it is malformed. Keeps errno. */
static inline bool gp_call_every_parse(const char *text, struct gp_call_every *call)
{
    const char *colon = strrchr(text, ':');
    size_t length = strlen(text);
    call->every = 1;
    if (colon && colon[1] >= '0' && colon[1] <= '9') {
        const int saved_errno = errno;
        char *end;
        errno = 0;
        call->every = strtoull(colon + 1, &end, 10);
        const bool good = errno == 0 && !*end && call->every > 0;
        errno = saved_errno;
        if (!good)
            return false;
        length = (size_t)(colon - text);
    }
    if (length == 0 || length >= sizeof call->name || (colon && !colon[1]))
        return false;
    memcpy(call->name, text, length);
    call->name[length] = '\0';
    return true;
}

/*
 * The function's own name in a kernel's name as the runtime gives it: the last part of an Itanium
 * C++ name without parameters or template arguments, as `update` of `_ZN3app6updateIfEEvPT_`; any
 * other name as it is. Cut to `size` bytes with the terminator.
 */
static inline void gp_kernel_plain_name(const char *name, char *plain, size_t size)
{
    const char *from = name;
    size_t length = strlen(name);
    if (name[0] == '_' && name[1] == 'Z') {
        const char *at = name + 2;
        const bool nested = *at == 'N';
        at += nested;
        do {
            at += *at == 'L'; /* internal linkage */
            size_t digits = 0, bytes = 0;
            while (digits < 6 && at[digits] >= '0' && at[digits] <= '9')
                bytes = 10 * bytes + (size_t)(at[digits++] - '0');
            if (bytes == 0 || bytes > strlen(at + digits))
                break;
            from = at + digits;
            length = bytes;
            at = from + bytes;
        } while (nested);
    }
    if (length >= size)
        length = size - 1;
    memcpy(plain, from, length);
    plain[length] = '\0';
}

/*
 * Whether a function of that name in its library is the one that a user calls `wanted`: headers
 * and compilers put _v2 and _ptsz behind a name, and _64 is its twin for large sizes.
 */
static inline bool gp_call_is(const char *name, const char *wanted)
{
    static const char *const suffixes[] = {"", "_v2", "_ptsz", "_64", "_v2_64"};
    const size_t length = strlen(wanted);
    if (strncmp(name, wanted, length) != 0)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (strcmp(name + length, suffixes[i]) == 0)
            return true;
    return false;
}

/* The same for a kernel, by its whole name or its plain one. */
static inline bool gp_kernel_is(const char *name, const char *wanted)
{
    char plain[256];
    gp_kernel_plain_name(name, plain, sizeof plain);
    return strcmp(name, wanted) == 0 || strcmp(plain, wanted) == 0;
}

#endif
