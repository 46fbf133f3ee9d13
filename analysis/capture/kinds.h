/*
 * Records in short form, read as the long ones that they stand for (graphprof/short_form.h).
 */
#ifndef ANALYSIS_CAPTURE_KINDS_H
#define ANALYSIS_CAPTURE_KINDS_H

#include "capture/capture_reader.h"

/* Takes in a KIND record. NULL, or what is wrong with it. */
const char *kinds_take(struct capture *capture, const struct capture_event *event);

/* Makes the event of a record in short form the long one's, whose payload is written to `room`, of
   GP_SHORT_PAYLOAD_MAX words. False if no kind of its type has that number, or it is of another
   length. */
bool kinds_lengthen(const struct capture *capture, uint64_t head, struct capture_event *event,
                    uint64_t *room);

#endif
