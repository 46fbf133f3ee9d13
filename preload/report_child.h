/* Starts `graphprof report` on the finished capture and waits for it: the analysis runs in a
   process of its own, so that no fault of it can touch the program. */
#ifndef GRAPHPROF_REPORT_CHILD_H
#define GRAPHPROF_REPORT_CHILD_H

/* `own_path`: this library's; the command lies beside it or on PATH. Its stdout goes to stderr. */
void gp_report_child(const char *capture, const char *folder, const char *own_path);

#endif
