/* Starts `graphprof report` on the finished capture and waits for it: the analysis runs in a
   process of its own, so that no fault of it can touch the program. */
#ifndef GRAPHPROF_REPORT_CHILD_H
#define GRAPHPROF_REPORT_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where the report on a capture goes: its folder, unless the capture's name says that others have
 * theirs there. Then a folder in it: rank_003 for capture.rank_003.gpcap, 1234 for
 * capture.1234.gpcap. False if that is too long.
 */
bool gp_report_folder(const char *capture, char *folder, size_t size);

/* `own_path`: this library's; the command lies beside it or on PATH. Its stdout goes to stderr. */
void gp_report_child(const char *capture, const char *folder, const char *own_path);

#endif
