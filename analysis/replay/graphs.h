/*
 * CUDA graphs: what was captured into each, in order, for when it is launched. A launch is replayed
 * as if the program had done it there and then: the ranges in which work was captured, the calls
 * with their operands, and the memory that nodes give out and take back.
 *
 * What stands in a graph is a list of items. Ranges are noted where something is captured in them,
 * as the path of the thread that captured it; work that was captured outside any is the launch's
 * own.
 *
 * A caching allocator is not asked again at a launch, but the launch uses the same blocks: those
 * that it gave out and took back while it was captured are in use at their places in each launch.
 * Those that it did not take back stay live as any other.
 */
#ifndef ANALYSIS_REPLAY_GRAPHS_H
#define ANALYSIS_REPLAY_GRAPHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graphprof/capture_format.h"
#include "replay/ranges.h"

#define GRAPHS_NO_NODE UINT32_MAX

enum graph_item_kind {
    GRAPH_ENTER, /* a range */
    GRAPH_LEAVE,
    GRAPH_CALL,
    GRAPH_MEMORY,
    GRAPH_BLOCK, /* a caching allocator gives one out; */
    GRAPH_BLOCK_BACK
};

struct graph_item {
    enum graph_item_kind kind;
    uint32_t node;   /* ENTER: that the range's path ends at */
    uint64_t enter;  /* LEAVE: index of the ENTER item */
    uint64_t offset; /* CALL: of the record in the capture */
    struct gp_record_graph_memory memory;
    struct gp_record_alloc block; /* BLOCK; of BLOCK_BACK the address alone */
    bool passes;                  /* BLOCK: it comes back before the capture ends */
};

/* A range that is open at the end of the list. */
struct graph_open {
    uint64_t serial; /* of the range */
    size_t item;
};

struct graph_list {
    struct graph_item *items;
    size_t n;
    size_t capacity;
    struct graph_open *open;
    size_t n_open;
    size_t open_capacity;
};

struct graph;      /* by its handle */
struct graph_exec; /* the same; made of a graph */
struct graph_work; /* a node that is work, by CUPTI's number */

struct graphs {
    struct graph *graphs;
    struct graph_exec *execs;
    struct graph_work *works;
    struct graph **capturing; /* by thread: the graph that it captures into, NULL none */
    size_t n_capturing;
    size_t capturing_capacity;
    uint64_t *captured; /* by thread: the graph into which its next call was captured, 0 none */
    size_t captured_capacity;
};

void graphs_free(struct graphs *graphs);

/* CREATED, CAPTURE, CAPTURE_INTO, CAPTURED, INSTANTIATED, NESTED and the ends. */
void graphs_take(struct graphs *graphs, uint32_t thread, const struct gp_record_graph *record);

/* The list that grows when `thread` captures something: into `graph`, 0: whatever it captures into.
   NULL: it does not. */
struct graph_list *graphs_list(struct graphs *graphs, uint32_t thread, uint64_t graph);

/* That of the capture in which a caching allocator works that is called by `thread`: the thread's
   own, or the only one there is. NULL: none is known. */
struct graph_list *graphs_list_underway(struct graphs *graphs, uint32_t thread);

/* Whether some thread captures into the graph: `thread` into one whose handle was never told, for
   instance. */
bool graphs_is_captured(const struct graphs *graphs, uint32_t thread, uint64_t graph);

/* A new thread bears the index: it captures nothing. */
void graphs_thread_begins(struct graphs *graphs, uint32_t thread);

/* A CALL whose record stands at that offset, behind the others, in the ranges that the thread has
   open; a MEMORY. */
void graphs_append_call(struct graph_list *list, const struct range_thread *thread,
                        uint64_t offset);
void graphs_append_memory(struct graph_list *list, const struct range_thread *thread,
                          const struct gp_record_graph_memory *record);
/* A block comes or, with 0 bytes, goes back; one that came before the capture is not in the list.
 */
void graphs_append_block(struct graph_list *list, const struct range_thread *thread,
                         const struct gp_record_alloc *block);
/* The ranges alone. */
void graphs_follow(struct graph_list *list, const struct range_thread *thread);

/* Takes the last item back if it frees the address; false: it does not. */
bool graphs_undo_free(struct graph_list *list, uint64_t address);

/* A node that is work was made with `node` innermost (GRAPHS_NO_NODE: not by a capture), or is a
   copy of one. */
void graphs_note_work(struct graphs *graphs, const struct gp_record_graph_node *record,
                      uint32_t node);
/* With which node innermost it was captured; GRAPHS_NO_NODE: not known. */
uint32_t graphs_node_of_work(const struct graphs *graphs, uint64_t number);

/* That the thread's next call is captured into `graph` although the thread captures nothing itself;
   the second asks, and forgets it. */
void graphs_expect_call(struct graphs *graphs, uint32_t thread, uint64_t graph);
uint64_t graphs_expected_call(struct graphs *graphs, uint32_t thread);

/* What a launch of the executable graph does, and cudaGraphInstantiate's flags; NULL: not known. */
const struct graph_list *graphs_launch(const struct graphs *graphs, uint64_t exec, uint32_t *flags);

/* Whether a launch has ranges. */
bool graphs_launch_has_ranges(const struct graphs *graphs, uint64_t exec);

#endif
