/*
 * Records in short form, read as the long ones that they stand for (graphprof/short_form.h).
 */
#ifndef ANALYSIS_CAPTURE_KINDS_H
#define ANALYSIS_CAPTURE_KINDS_H

#include "capture/capture_reader.h"

/* Takes in a KIND record. NULL, or what is wrong with it. */
const char *kinds_take(struct capture *capture, const struct capture_event *event);

/* Makes the event of a record in short form the long one's, whose payload is written to `room`, of
   GP_SHORT_PAYLOAD_MAX words, or is the kind's own. False if no kind of its type has that number,
   or it is of another length. */
bool kinds_lengthen(const struct capture *capture, uint64_t head, struct capture_event *event,
                    uint64_t *room);

/* The same for the types that a capture has most of, of their own kind. False, for others as well:
   what the event was is lost. */
static inline bool kinds_lengthen_quickly(const struct gp_record_kind *kind,
                                          struct capture_event *event, uint64_t *room)
{
    const uint64_t *own = event->payload;
    const uint32_t n_own = event->payload_words;
    event->payload = room;
    switch (event->type) {
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_POP:
        event->payload = kind->words;
        event->payload_words = 1;
        return n_own == 0;
    case GP_RECORD_ALLOC:
        room[0] = own[0];
        room[1] = kind->words[0];
        room[2] = kind->words[1];
        event->payload_words = 3;
        return n_own == 1;
    case GP_RECORD_FREE:
        room[0] = own[0];
        room[1] = kind->words[0];
        event->payload_words = 2;
        return n_own == 1;
    case GP_RECORD_CALL:
        room[0] = kind->words[0];
        event->payload_words = gp_long_pairs(kind->words, own, n_own, room);
        return kind->words[1] && event->payload_words;
    default:
        return false;
    }
}

#endif
