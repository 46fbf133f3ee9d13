#include "capture/kinds.h"

#include <string.h>

#include "base/array.h"

const char *kinds_take(struct capture *capture, const struct capture_event *event)
{
    struct gp_record_kind record = {0};
    const size_t bytes = event->payload_words * 8UL;
    memcpy(&record, event->payload, bytes < sizeof record ? bytes : sizeof record);
    if (record.kind >= GP_KINDS_MAX)
        return "a kind with too high a number";
    ARRAY_RESERVE(capture->kinds, capture->kinds_capacity, record.kind + 1UL);
    if (capture->n_kinds <= record.kind)
        capture->n_kinds = record.kind + 1UL;
    capture->kinds[record.kind] = record;
    return NULL;
}

bool kinds_lengthen(const struct capture *capture, uint64_t head, struct capture_event *event,
                    uint64_t *room)
{
    const uint32_t number = gp_head_kind(head);
    if (number >= capture->n_kinds || capture->kinds[number].type != event->type)
        return false;
    event->payload_words =
        gp_long_form((enum gp_record_type)event->type, capture->kinds[number].words, event->payload,
                     event->payload_words, room);
    event->payload = room;
    return event->payload_words != 0;
}
