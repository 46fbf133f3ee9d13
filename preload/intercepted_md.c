/* Prints docs/intercepted.md from the table. A program of its own, no part of the recorder. */
#include <stdio.h>
#include <string.h>

#include "api_table.h"
#include "graphprof/capture_format.h"
#include "graphprof/role.h"

static const char *const library_titles[GP_LIBRARY_COUNT] = {"CUDA runtime", "cuDNN", "cuBLAS",
                                                             "cuBLASLt", "PyTorch's c10"};

static const char *class_name(unsigned class_id)
{
    if (class_id == GP_CLASS_WATCH)
        return "watched";
    static const char *const names[] = {"?",       "allocation", "free",        "launch",
                                        "compute", "copy",       "synchronise", "other"};
    return class_id < sizeof names / sizeof names[0] ? names[class_id] : names[0];
}

static const char *mode_name(unsigned mode)
{
    static const char *const names[] = {"?", "reads", "writes", "updates", "scratch", "touches"};
    return mode < sizeof names / sizeof names[0] ? names[mode] : names[0];
}

static void print_operands(const struct gp_api_row *row)
{
    if (row->library == GP_LIBRARY_C10)
        printf(
            "of CUDA devices: a block given out or taken back, with address, bytes, device; `%s`",
            row->symbol);
    else if (row->class_id == GP_CLASS_ALLOC)
        printf("address, bytes, stream");
    else if (row->class_id == GP_CLASS_FREE)
        printf("address, stream");
    else if (row->class_id == GP_CLASS_LAUNCH)
        printf("kernel's name, device addresses in its parameters");
    else if (row->class_id == GP_CLASS_CALL && strncmp(row->name, "cudaGraphAdd", 12) == 0)
        printf("address and bytes of a memory node");
    else if (row->class_id == GP_CLASS_WATCH)
        printf("%s", row->library == GP_LIBRARY_CUDART
                         ? "what becomes of the graph"
                         : "nothing; noted for `cudnnBackendExecute`");
    for (unsigned i = 0; row->operands[i].name; i++) {
        const struct gp_api_operand *operand = &row->operands[i];
        printf("%s%s `%s`", i ? ", " : "", mode_name(operand->mode), operand->name);
        if (operand->role != GP_ROLE_ANY)
            printf(" (%s)", gp_role_name(operand->role));
    }
}

static void print_library(unsigned library)
{
    printf("\n## %s\n\n| function | kind | what is recorded of it |\n|---|---|---|\n",
           library_titles[library]);
    for (unsigned api = GP_API_NONE + 1; api < GP_API_COUNT; api++) {
        const struct gp_api_row *row = &gp_api_rows[api];
        if (row->library != library)
            continue;
        printf("| `%s` | %s | ", row->name, class_name(row->class_id));
        print_operands(row);
        printf("%s |\n",
               api == GP_API_cudnnBackendExecute ? ", touches the variant pack's tensors" : "");
    }
}

static int functions(void)
{
    int n = 0;
    for (unsigned api = GP_API_NONE + 1; api < GP_API_COUNT; api++)
        n += gp_api_rows[api].symbol != NULL;
    return n;
}

int main(void)
{
    printf(
        "# Intercepted functions\n\n"
        "Made by `make docs/intercepted.md` from the tables in preload/api/; do not edit. Of the\n"
        "%d functions below each successful call that the program itself makes is recorded, not\n"
        "those that a library makes inside another call. Names are those in the libraries' ELF\n"
        "files: `cublas_v2.h` calls `cublasSgemm_v2` `cublasSgemm`; `_64` stands behind the forms\n"
        "with 64-bit sizes, `_ptsz` and `_ptds` behind those for per-thread default streams;\n"
        "`function:kind` is a kind of calls that is recorded under that name. In brackets stands\n"
        "the role that an operand's place gives to its tensor.\n",
        functions());
    for (unsigned library = 0; library < GP_LIBRARY_COUNT; library++)
        print_library(library);
    return 0;
}
