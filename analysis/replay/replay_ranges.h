/* What replay does on the records of ranges: steps, nodes and the time spent in them. */
#ifndef ANALYSIS_REPLAY_REPLAY_RANGES_H
#define ANALYSIS_REPLAY_REPLAY_RANGES_H

#include "replay/replay.h"

/* The range's node begins or ends, if it is one and a step is open. */
void replay_enter_node(struct replay *replay, struct range *range);
void replay_leave_node(struct replay *replay, struct range *range);

/* PUSH or START. */
void replay_range_begins(struct replay *replay, const struct capture_event *event);

/* POP or END. */
void replay_range_ends(struct replay *replay, const struct capture_event *event);

/* Behind each record: steps that no range marks end and begin here, and nodes that are calls. */
void replay_call_ranges(struct replay *replay);

#endif
