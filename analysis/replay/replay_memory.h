/* What replay does on the records of allocations and frees. */
#ifndef ANALYSIS_REPLAY_REPLAY_MEMORY_H
#define ANALYSIS_REPLAY_REPLAY_MEMORY_H

#include "replay/replay.h"

void replay_alloc(struct replay *replay, const struct gp_record_alloc *record);

/* A node of a graph that is launched gives memory out, or takes back what begins there. */
void replay_graph_allocates(struct replay *replay, const struct gp_record_graph_memory *record);
void replay_graph_frees(struct replay *replay, uint64_t address);

/*
 * A FREE is recorded before the real call, which may still refuse it: FREE_FAILED is then the next
 * word of the same thread about memory. Until the thread frees or allocates again, or ends, the
 * allocation is out of the ledger but not retired.
 */
void replay_free_call(struct replay *replay, const struct gp_record_free *record);
void replay_free_failed(struct replay *replay, const struct gp_record_free_failed *record);

/* Everything that was allocated on the device is gone, pinned memory included. */
void replay_map(struct replay *replay, const struct gp_record_map *record);
void replay_device_reset(struct replay *replay, const struct gp_record_device_reset *record);

/* The thread's last free stands. */
void replay_settle(struct replay *replay, uint32_t thread);

/* The capture has ended: settles every thread and retires what is live. */
void replay_settle_all(struct replay *replay);

#endif
