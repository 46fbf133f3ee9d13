/* What a capture that was built comes to. */
#include "capture_builder.h"

#include <string.h>

enum analysis_result build_analyse(struct builder *builder, struct analysis *analysis,
                                   const char *patterns)
{
    build_write(builder, builder->size);
    const struct steps_wanted wanted = {patterns, NULL};
    return analysis_run(analysis, builder->path, &wanted);
}

const struct node_row *node_row_named(const struct analysis *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->rows.n_rows; i++)
        if (strcmp(analysis->rows.rows[i].name, name) == 0)
            return &analysis->rows.rows[i];
    fail_msg("no row '%s'", name);
    return NULL;
}

const struct tensor *tensor_named(const struct analysis *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->tensors.n_tensors; i++)
        if (strcmp(analysis->tensors.tensors[i].name, name) == 0)
            return &analysis->tensors.tensors[i];
    for (size_t i = 0; i < analysis->tensors.n_tensors; i++)
        print_message("tensor %s\n", analysis->tensors.tensors[i].name);
    fail_msg("no tensor '%s'", name);
    return NULL;
}
