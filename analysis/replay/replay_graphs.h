/* What replay does on the records of CUDA graphs. */
#ifndef ANALYSIS_REPLAY_REPLAY_GRAPHS_H
#define ANALYSIS_REPLAY_REPLAY_GRAPHS_H

#include "replay/replay.h"

void replay_graph(struct replay *replay, const struct gp_record_graph *record);

/* A node that gives memory out or takes it back: it does so when the graph is launched. */
void replay_graph_memory(struct replay *replay, const struct capture_event *event);

/* A caching allocator has given out a block, or taken back (0 bytes) the one at that address: in a
   capture the launches use it as well. */
void replay_graph_block(struct replay *replay, const struct gp_record_alloc *block);

/* A refused free was to be a node: true, and it is none. */
bool replay_graph_free_failed(struct replay *replay, uint64_t address);

void replay_graph_node(struct replay *replay, const struct gp_record_graph_node *record);

/* True: the call was captured, and takes place when the graph is launched. */
bool replay_graph_call(struct replay *replay, const struct capture_event *event);

#endif
