#include "base/kernel_name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of the Itanium C++ ABI, 3.4; in the compiler's libsupc++. What it returns is to be freed. */
char *__cxa_demangle(const char *symbol, char *to, size_t *bytes,
                     int *status); // NOLINT(bugprone-reserved-identifier): not our name

/* Where the list of parameters begins that the text ends with; its end if it ends with none. */
static char *parameters_of(char *text)
{
    char *end = text + strlen(text);
    int depth = 0;
    for (char *c = end; c > text;) {
        c--;
        depth += *c == ')';
        depth -= *c == '(';
        if (depth == 0)
            return c < end - 1 ? c : end;
    }
    return end;
}

static bool read_symbol(const char *symbol, char to[KERNEL_NAME_BYTES])
{
    static const char returns_nothing[] = "void "; /* said of templates alone */
    if (strncmp(symbol, "_Z", 2) != 0)
        return false;
    int status = 0;
    char *text = __cxa_demangle(symbol, NULL, NULL, &status);
    if (!text)
        return false;
    *parameters_of(text) = '\0';
    const char *name = text;
    if (strncmp(name, returns_nothing, strlen(returns_nothing)) == 0)
        name += strlen(returns_nothing);
    const size_t length = strlen(name);
    const bool fits = length > 0 && length < KERNEL_NAME_BYTES;
    if (fits)
        memcpy(to, name, length + 1);
    free(text);
    return fits;
}

const char *kernel_name_full(const char *symbol, char to[KERNEL_NAME_BYTES])
{
    return read_symbol(symbol, to) ? to : symbol;
}

const char *kernel_name_short(const char *symbol, char to[KERNEL_NAME_BYTES])
{
    if (!read_symbol(symbol, to))
        return symbol;
    int depth = 0;
    char *kept = to;
    for (const char *c = to; *c; c++) {
        depth += *c == '<';
        if (depth == 0)
            *kept++ = *c;
        depth -= *c == '>' && depth > 0;
    }
    *kept = '\0';
    return to;
}
