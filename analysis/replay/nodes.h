/*
 * The nodes of the graph: paths of range names below the step, as forward/layer3.22.conv2. Node 0
 * is the step itself, where work outside any range goes: GP_NODE_NO_RANGE.
 */
#ifndef ANALYSIS_REPLAY_NODES_H
#define ANALYSIS_REPLAY_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/facts.h"

#define NODES_ROOT 0u

enum gtype {
    GTYPE_OTHER,
    GTYPE_FORWARD,
    GTYPE_BACKWARD,
    GTYPE_OPTIMIZER,
    GTYPE_COUNT
};

struct node {
    uint32_t parent;
    char *path;        /* parts joined by / */
    const char *local; /* the path without the phase in front of it */
    enum gtype gtype;  /* by the names in the path; GTYPE_OTHER if they do not say */
    bool is_call;      /* rather than a range */
    enum gtype called; /* by the first API called in it whose name says */
};

struct node_by_name;
struct node_by_path;

struct nodes {
    struct node *nodes;
    size_t n_nodes;
    size_t capacity;
    struct node_by_name *by_name;
    struct node_by_path *by_path;
    struct node_by_name *last; /* asked for: each step asks for the same ones in turn */
};

void nodes_init(struct nodes *nodes);
void nodes_free(struct nodes *nodes);

/*
 * The node of range `name` (string id) directly inside node `parent`. What a framework appends to a
 * name to number the call (", seq = 12", ", op_id = 7") is no part of it.
 */
uint32_t nodes_child(struct nodes *nodes, const struct facts *facts, uint32_t parent,
                     uint32_t name);

/* The node of that name directly inside the step: a call's, where there are no ranges. */
uint32_t nodes_named(struct nodes *nodes, const char *name);

/* By the names of the ranges, else by what was called. */
enum gtype nodes_gtype(const struct nodes *nodes, uint32_t node);

const char *gtype_name(enum gtype gtype);

/* What the name of an API or a kernel says, as in cudnnConvolutionBackwardData. */
enum gtype gtype_of_api(const char *name);

#endif
