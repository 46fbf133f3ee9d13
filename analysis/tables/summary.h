/* summary.json: one flat object of facts about the run, the capture and the peak. */
#ifndef ANALYSIS_TABLES_SUMMARY_H
#define ANALYSIS_TABLES_SUMMARY_H

#include <stdio.h>

#include "analysis.h"

void summary_write_json(FILE *to, const struct analysis *analysis);

/* The same in short, for a reader at a terminal. */
void summary_print(FILE *to, const struct analysis *analysis);

/* The part of it that says whether the books close. */
void summary_print_books(FILE *to, const struct analysis *analysis);

/* Nodes split by kernel, a line each with tabs between the fields: node, kernel, calls in a step,
   milliseconds in a step and their spread, by medians over the timed steps. Of each node stands
   first what it takes itself ("(own)"; kernels that run side by side count once), and with its
   children. */
void kernels_print(FILE *to, const struct analysis *analysis);

#endif
