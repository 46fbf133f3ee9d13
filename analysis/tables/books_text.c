/* The books beside the driver's figure, as a table for a terminal. */
#include <inttypes.h>
#include <string.h>

#include "tables/summary.h"

/* A residual above that is said to hold modules, where nothing has told them apart. */
#define RESIDUAL_OF_MODULES (INT64_C(16) << 20)

static double mib(int64_t bytes) { return (double)bytes / (1024 * 1024); }

static void put(FILE *to, int64_t bytes, const char *name)
{
    if (bytes)
        fprintf(to, "  %12.2f MiB  %s\n", mib(bytes), name);
}

static void put_moment(FILE *to, const struct books *books, const struct books_moment *moment)
{
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
        put(to, (int64_t)moment->by_role[role], gp_role_name(role));
    put(to, (int64_t)moment->rounding, "rounding of cudaMalloc to blocks of 2 MiB");
    put(to, (int64_t)moment->pool_slack, "held by the memory pool and not given out");
    put(to, moment->handles, "came with libraries' handles, seen by the driver's figure alone");
    put(to, moment->modules, "came in other calls (modules), likewise");
    put(to, moment->cupti, "came in the first timed step (CUPTI), likewise");
    put(to, (int64_t)books->context,
        "in use before the first allocation (context, other processes)");
    fprintf(to, "  %12.2f MiB  residual (%" PRId64 " bytes)\n", mib(books_residual(books, moment)),
            books_residual(books, moment));
}

void summary_print_books(FILE *to, const struct analysis *analysis)
{
    const struct books *books = &analysis->account.books;
    const struct books_moment *end = &books->step_end;
    const struct books_moment *most = &books->probe.most;
    const char *cupti = facts_text(&analysis->facts, "cupti");
    if (!end->known || !books->has_context) {
        fputs("books: the driver was not asked around the first allocation and at a step's end\n",
              to);
        return;
    }
    fprintf(to, "books after step %zu, of %.2f MiB that the driver has in use:\n", end->step,
            mib((int64_t)end->used));
    put_moment(to, books, end);
    if (end->nvml_scope != GP_NVML_UNKNOWN)
        fprintf(to, "  NVML says %.2f MiB, of the %s\n", mib((int64_t)end->nvml_used),
                books_nvml_scope(end));
    if (end->modules == 0 && books_residual(books, end) > RESIDUAL_OF_MODULES)
        fputs("  the code of kernels, loaded with the first of a module, stands in the residual;\n"
              "  GRAPHPROF_PROBE_STEP=1 tells it apart\n",
              to);
    if (!cupti || strcmp(cupti, "yes") != 0)
        fprintf(to, "  what libraries take for themselves was not seen one by one: CUPTI %s%s\n",
                cupti ? "did not start: " : "was not asked for", cupti ? cupti : "");
    if (!most->known)
        return;
    fprintf(to, "books where the driver had most in use in step %zu, %.2f MiB:\n", most->step,
            mib((int64_t)most->used));
    put_moment(to, books, most);
}
