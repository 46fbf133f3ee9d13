/*
 * Reads REPEAT records out: a step that did to the ledger what an earlier step did comes as the
 * PUSH of its range, the earlier step's allocations and frees, its POP, and what of these lay
 * behind it; at the addresses that they had, except that blocks which came and went in the step lie
 * at addresses of no device. The PUSH bears the REPEAT record's offset, the POP the word behind it,
 * allocations and frees those of the records that they stand in.
 */
#ifndef ANALYSIS_CAPTURE_REPEATS_H
#define ANALYSIS_CAPTURE_REPEATS_H

#include "capture/capture_reader.h"

/* Behind a REPEAT record: its events come next. False if there is no such step before it, or no
   such list of addresses, which may be since the file is cut (capture->repeat.is_cut). */
bool repeats_begin(struct capture *capture, const struct capture_event *event);

/* The next event. False, and none is being read out any more, if there is none. */
bool repeats_next(struct capture *capture, struct capture_event *event);

void repeats_free(struct capture *capture);

#endif
