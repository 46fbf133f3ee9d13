/* The files that a report on one capture is made of. */
#ifndef ANALYSIS_TABLES_REPORT_FILES_H
#define ANALYSIS_TABLES_REPORT_FILES_H

#include "analysis.h"
#include "tables/out_files.h"

/* Called when the rows of a device are there: the books of each are its own. */
typedef void report_device_function(const struct analysis *analysis, void *context);

/*
 * Writes nodes.csv, tensors.csv and summary.json into the folder, about the device with the highest
 * peak, and into its folder device_N the same about each other device that had memory in a counted
 * step. Nothing is there under its name until the caller commits `files`. False: files->fault.
 */
bool report_files_write(struct out_files *files, struct analysis *analysis, const char *folder,
                        report_device_function *each, void *context);

#endif
