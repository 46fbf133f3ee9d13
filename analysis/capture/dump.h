/* A capture as text, for debugging and as data of tests. */
#ifndef ANALYSIS_CAPTURE_DUMP_H
#define ANALYSIS_CAPTURE_DUMP_H

#include <stdio.h>

#include "capture/facts.h"

/*
 * One line a record: byte offset, ns since the capture's first record, thread, the type's name,
 * then key=value for each field; names are texts in double quotes (a quote or backslash inside has
 * a backslash in front), addresses are hexadecimal.
 */
void dump_capture(FILE *to, struct capture *capture, struct facts *facts);

#endif
