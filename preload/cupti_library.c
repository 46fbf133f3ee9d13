#include "cupti_library.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "options.h"
#include "resolve.h"

/* CUPTI_API_VERSION 130001 is 13.0.1; the soname has the major number. */
#define TEXT_(x)    #x
#define TEXT(x)     TEXT_(x)
#define CUPTI_MAJOR 13
#define LIBRARY     "libcupti.so." TEXT(CUPTI_MAJOR)
#define PER_MAJOR   10000

_Static_assert(CUPTI_API_VERSION / PER_MAJOR == CUPTI_MAJOR,
               "the records' layout is that of CUPTI_MAJOR: look at cupti_activities.c again");

struct gp_cupti_functions gp_cupti;

/* The program's own copy first, then where the loader and NVIDIA's packages have it. */
static void *open_library(void)
{
    static const char *const folders[] = {"extras/CUPTI/lib64", "lib64"};
    const char *homes[] = {gp_options_cuda_home(), "/usr/local/cuda"};
    void *library = gp_resolve_open(LIBRARY, false);
    if (!library)
        library = gp_resolve_open(LIBRARY, true);
    for (size_t h = 0; h < sizeof homes / sizeof homes[0] && !library; h++)
        for (size_t f = 0; f < sizeof folders / sizeof folders[0] && !library; f++) {
            char path[PATH_MAX];
            if (homes[h] && snprintf(path, sizeof path, "%s/%s/%s", homes[h], folders[f], LIBRARY) <
                                (int)sizeof path)
                library = gp_resolve_open(path, true);
        }
    return library;
}

bool gp_cupti_load(char *why, size_t why_bytes)
{
    void *library = open_library();
    if (!library) {
        snprintf(why, why_bytes, LIBRARY " is not found");
        return false;
    }
    /* A function pointer and an object pointer are one size here (POSIX). */
#define GP_CUPTI(name) *(void **)&gp_cupti.name = gp_resolve_in(library, #name);
#include "cupti_functions.def"
#undef GP_CUPTI
    const char *missing = NULL;
#define GP_CUPTI(name)                                                                             \
    if (!gp_cupti.name)                                                                            \
        missing = #name;
#include "cupti_functions.def"
#undef GP_CUPTI
    if (missing) {
        snprintf(why, why_bytes, LIBRARY " has no %s", missing);
        return false;
    }
    uint32_t version = 0;
    if (gp_cupti.cuptiGetVersion(&version) != CUPTI_SUCCESS || version / PER_MAJOR != CUPTI_MAJOR) {
        snprintf(why, why_bytes, "its version is %u, expected %d.x", version, CUPTI_MAJOR);
        return false;
    }
    return true;
}
