/* nodes.csv and tensors.csv, column by column as include/graphprof/{nodes,tensors}_csv.def say. */
#ifndef ANALYSIS_TABLES_TABLES_H
#define ANALYSIS_TABLES_TABLES_H

#include <stdio.h>

#include "tables/node_rows.h"

const char *tables_time_source(enum time_source source);

void tables_write_nodes(FILE *to, const struct node_rows *rows, const struct account *account);
void tables_write_tensors(FILE *to, const struct node_rows *rows, const struct account *account,
                          const uint32_t *order);

#endif
