#include "tables/report_files.h"

#include <limits.h>
#include <stdio.h>

#include "tables/summary.h"
#include "tables/tables.h"

static bool write_device(struct out_files *files, const struct analysis *analysis,
                         const char *folder)
{
    FILE *to = NULL;
    if (out_files_folder(files, folder) && (to = out_files_open(files, folder, "nodes.csv")))
        tables_write_nodes(to, &analysis->rows, &analysis->account);
    if (to && (to = out_files_open(files, folder, "tensors.csv")))
        tables_write_tensors(to, &analysis->rows, &analysis->account, analysis->tensor_order);
    if (to && (to = out_files_open(files, folder, "summary.json")))
        summary_write_json(to, analysis);
    return to != NULL;
}

bool report_files_write(struct out_files *files, struct analysis *analysis, const char *folder,
                        report_device_function *each, void *context)
{
    const unsigned first = analysis->device;
    char own[PATH_MAX + 32];
    bool good = write_device(files, analysis, folder);
    each(analysis, context);
    for (unsigned d = 0; good && d < analysis->facts.n_devices; d++) {
        if (d == first || !analysis_has_device(analysis, d))
            continue;
        snprintf(own, sizeof own, "%s/device_%u", folder, d);
        analysis_of_device(analysis, d);
        good = write_device(files, analysis, own);
        each(analysis, context);
    }
    if (analysis->device != first)
        analysis_of_device(analysis, first); /* for whoever prints it */
    return good;
}
