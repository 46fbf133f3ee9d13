/* summary.json: one flat object of facts about the run, the capture and the peak. */
#ifndef ANALYSIS_TABLES_SUMMARY_H
#define ANALYSIS_TABLES_SUMMARY_H

#include <stdio.h>

#include "analysis.h"

void summary_write_json(FILE *to, const struct analysis *analysis);

/* The same in short, for a reader at a terminal. */
void summary_print(FILE *to, const struct analysis *analysis);

#endif
