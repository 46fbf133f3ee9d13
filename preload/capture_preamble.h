/* What a capture begins with: the table of functions, and facts about the run. */
#ifndef GRAPHPROF_CAPTURE_PREAMBLE_H
#define GRAPHPROF_CAPTURE_PREAMBLE_H

/* Once, while the capture is being opened. */
void gp_preamble_write(void);

#endif
