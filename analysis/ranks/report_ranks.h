/* One report on the captures of several ranks of a parallel job. */
#ifndef ANALYSIS_RANKS_REPORT_RANKS_H
#define ANALYSIS_RANKS_REPORT_RANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "replay/steps.h"

/*
 * Writes for each capture a folder rank_NNN in `folder`, as a report on it alone does, and
 * ranks.csv beside these; all of it or nothing. Prints a summary unless `quiet`. Each fault is one
 * line on stderr; two captures of one rank, or one that cannot be read, are CLI_BAD_INPUT. Returns
 * an exit status of commands.def.
 */
int report_ranks(const char *const *captures, size_t n, const struct steps_wanted *steps,
                 const char *folder, bool quiet);

#endif
