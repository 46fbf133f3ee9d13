/*
 * Replays a capture: follows time, threads, ranges, steps and the ledger, and tells a visitor what
 * happens. Both passes of the analysis (roles/identify.c, tables/account.c) are visitors, so they
 * see the same allocations in the same places.
 */
#ifndef ANALYSIS_REPLAY_REPLAY_H
#define ANALYSIS_REPLAY_REPLAY_H

#include "capture/facts.h"
#include "replay/graphs.h"
#include "replay/call_nodes.h"
#include "replay/ledger.h"
#include "replay/nodes.h"
#include "replay/physical.h"
#include "replay/ranges.h"
#include "replay/segments.h"
#include "replay/steps.h"

#define REPLAY_NO_STEP SIZE_MAX

struct replay_call {
    const struct fact_api *api;
    uint32_t api_number;
    uint32_t aux; /* LAUNCH: string id of the kernel's name */
    uint32_t n_operands;
    const uint64_t *operands;
    uint64_t ns;
    uint64_t serial; /* of the innermost range; 0 outside any */
};

/* Any may be NULL. `node` is the innermost node of the event's thread. */
struct replay_visitor {
    /* An allocation has entered the ledger. */
    void (*entered)(void *context, struct allocation *allocation);
    /* It has left it, for whatever reason: is_freed tells. */
    void (*left)(void *context, struct allocation *allocation);
    /* It is back: the real free failed. */
    void (*restored)(void *context, struct allocation *allocation);
    /* Its leaving is settled (or the capture has ended): the last time it is seen. */
    void (*retired)(void *context, struct allocation *allocation);
    /* A segment of a caching allocator is there; it is gone. It is never entered, left or retired.
     */
    void (*segment_entered)(void *context, struct allocation *segment);
    void (*segment_left)(void *context, struct allocation *segment);
    void (*step_began)(void *context);
    void (*step_ended)(void *context);
    /* A call of a node, inside a step. */
    void (*node_began)(void *context, struct range *range);
    void (*node_ended)(void *context, struct range *range);
    /* `ns` of the step were spent with `node` innermost in `thread`, and not in waiting. */
    void (*spent)(void *context, uint32_t thread, uint32_t node, uint64_t ns);
    void (*called)(void *context, uint32_t node, const struct replay_call *call);
    void (*marked)(void *context, const char *text);
    /* Work for the GPU is about to be submitted; it has run, launched by a graph into which it was
       captured in `graph_node` (GRAPHS_NO_NODE: in none, or not known); records of it were lost. */
    void (*submitted)(void *context, uint32_t node, const struct gp_record_correlation *record);
    void (*ran)(void *context, const struct gp_record_kernel *record, uint32_t graph_node);
    void (*lost)(void *context, uint64_t records);
    /* What was submitted under that number was not: it was captured into a graph. */
    void (*captured)(void *context, uint32_t correlation);
    /* What the driver said at this moment. */
    void (*sampled)(void *context, const struct gp_record_device_sample *sample);
};

/* What was wrong with the record of events; none of it stops the replay. */
struct replay_faults {
    uint64_t unknown_frees; /* of an address that is not live */
    uint64_t failed_frees;  /* refused by the real call and undone */
    uint64_t missed_frees;  /* an address was given out again while it was live here */
    uint64_t unmatched_ranges;
};

struct replay {
    struct capture *capture;
    struct facts *facts;
    struct steps *steps;
    struct nodes *nodes;
    const struct segments *segments;
    const struct replay_visitor *visitor;
    void *context;
    struct ledger ledger;  /* what is live */
    struct ledger reserve; /* segments, in which blocks of the other ledger lie */
    struct physical_memory physical;
    struct range_threads threads;
    struct graphs graphs;
    struct replay_faults faults;
    uint64_t offset; /* of the record that is being replayed */
    uint64_t moment; /* from 1, another for each record and each thing that a graph's launch does */
    uint64_t ns;     /* its time */
    uint32_t thread; /* and thread */
    size_t next_step;
    size_t step;             /* REPLAY_NO_STEP outside steps */
    struct call_nodes calls; /* of the current step, where it has no ranges */
    uint8_t *api_gtypes;     /* by API number: what its name says */
    uint32_t *ordinals;      /* by node: allocations in its current period */
    uint32_t *ordinal_periods;
    size_t ordinals_capacity;
    size_t periods_capacity;
};

/* From the capture's first record to its last. `payload_bytes` of the visitor's own in each
 * allocation. The ledger stays for replay_free. */
void replay_run(struct replay *replay, size_t payload_bytes);
void replay_free(struct replay *replay);

/* Tells of a call, a CALL record's payload, as the thread's own now. */
void replay_call(struct replay *replay, const uint64_t *payload);

/* The innermost node of a thread and the serial of its call; NODES_ROOT and 0 outside any. */
uint32_t replay_node(const struct replay *replay, uint32_t thread, uint64_t *serial);

/* The phase of a call: as the ranges say, else as the API's name does, else as the node's others.
 */
enum gtype replay_phase(const struct replay *replay, uint32_t node, const struct replay_call *call);

/* The innermost open range of a thread that is a node in the current step, or NULL. */
struct range *replay_range(const struct replay *replay, uint32_t thread);

#endif
