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

const char *kernel_name_full(const char *symbol, char to[KERNEL_NAME_BYTES])
{
    static const char returns_nothing[] = "void "; /* said of templates alone */
    int status = 0;
    char *text = strncmp(symbol, "_Z", 2) == 0 ? __cxa_demangle(symbol, NULL, NULL, &status) : NULL;
    if (!text)
        return symbol;
    *parameters_of(text) = '\0';
    const char *name = text;
    if (strncmp(name, returns_nothing, strlen(returns_nothing)) == 0)
        name += strlen(returns_nothing);
    const size_t length = strlen(name);
    const bool fits = length > 0 && length < KERNEL_NAME_BYTES;
    if (fits)
        memcpy(to, name, length + 1);
    free(text);
    return fits ? to : symbol;
}
