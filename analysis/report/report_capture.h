/* From one capture to the files of its report, and what there is to say of it. */
#ifndef ANALYSIS_REPORT_REPORT_CAPTURE_H
#define ANALYSIS_REPORT_REPORT_CAPTURE_H

#include "analysis.h"
#include "tables/out_files.h"

/*
 * Analyses the capture and writes its files into the folder (report_files.h), as part of `files`,
 * which the caller commits if *made says so: what can be used was. Each fault is one line on
 * stderr. Returns an exit status of commands.def: not CLI_DONE where something is wrong with what
 * was made, too. *analysis is the caller's to free in any case.
 */
int report_capture(struct analysis *analysis, const char *capture, const struct steps_wanted *steps,
                   struct out_files *files, const char *folder, bool *made);

#endif
