/*
 * The distinct tensors of a run. Allocations with the same id and the same life (none, one or more
 * of the gaps between steps lived through) are one tensor: memory is bounded by what is distinct,
 * not by the length of the capture. Only what was live in a counted step is kept.
 *
 * The first pass fills the table as allocations are retired; the second asks it, when an allocation
 * is made, which tensor it is going to be.
 */
#ifndef ANALYSIS_ROLES_TENSORS_H
#define ANALYSIS_ROLES_TENSORS_H

#include "replay/replay.h"
#include "roles/evidence.h"

enum tensor_life {
    TENSOR_IN_STEP,   /* lives through no gap */
    TENSOR_ONE_GAP,   /* through one: as a gradient that the next step zeroes */
    TENSOR_PERSISTENT /* through two or more */
};
#define TENSOR_LIVES 3

enum role_source {
    ROLE_SOURCE_NVTX,
    ROLE_SOURCE_OPERAND,
    ROLE_SOURCE_LIFETIME,
    ROLE_SOURCE_LIBRARY,
    ROLE_SOURCE_NONE,
    ROLE_SOURCE_COUNT
};

#define TENSOR_NONE UINT32_MAX

/* Its life in the reference step: moments (node_steps.h; 0: none), and times in ns. Filled by the
   second pass. */
struct tensor_uses {
    uint64_t made;
    uint64_t first_fw;
    uint64_t last_fw;
    uint64_t first_bw;
    uint64_t last_bw;
    uint64_t freed;
    uint64_t last_fw_ns;
    uint64_t first_bw_ns;
    bool live_at_peak;
};

struct tensor {
    struct tensor_id id;
    enum tensor_life life;
    uint16_t api;  /* that allocated it */
    uint8_t space; /* physical also while it is mapped */
    bool library;  /* a library took it for itself */
    struct evidence evidence;
    uint64_t allocations;
    uint64_t freed_in[GTYPE_COUNT]; /* inside steps, by phase */
    uint64_t freed_in_call;         /* by the same call of the node that made it */
    uint64_t steps;                 /* counted steps in which it was live */
    size_t seen_until;              /* steps below this one are in `steps` */
    uint32_t made_in_step;          /* the earliest step that it was made in */
    enum gp_role role;
    enum role_source role_source;
    char *name; /* unique */
    struct tensor_uses uses;
};

struct tensor_key;
struct tensor_exception;

struct tensors {
    struct tensor *tensors;
    size_t n_tensors;
    size_t capacity;
    struct tensor_key *keys;
    struct tensor_exception *exceptions;
    struct tensor_key *last; /* asked for */
    uint8_t *roles;          /* by tensor, once they are decided: the tensors lie far apart */
};

/* An allocation is gone (or the capture has ended): merges it into its tensor. */
void tensors_retire(struct tensors *tensors, const struct steps *steps, const struct nodes *nodes,
                    const struct allocation *allocation, const struct evidence *evidence);

/* Which tensor an allocation that is being made will be; TENSOR_NONE: none that is kept. */
uint32_t tensors_of(struct tensors *tensors, const struct allocation *allocation);

/* The persistent, else the first, tensor with that id; TENSOR_NONE if there is none. */
uint32_t tensors_with_id(const struct tensors *tensors, const struct tensor_id *id);

/* Their indices in the order of the tables: made before the steps first, then by place in a step.
 * To be freed. */
uint32_t *tensors_order(const struct tensors *tensors);

/* Fills `roles`. */
void tensors_keep_roles(struct tensors *tensors);

/* Before a second pass is done again. */
void tensors_forget_uses(struct tensors *tensors);

/* A use of it in a node of that phase, at that moment and `ns`. */
void tensor_used(struct tensor_uses *uses, enum gtype phase, uint64_t moment, uint64_t ns);

const char *role_source_name(enum role_source source);

void tensors_free(struct tensors *tensors);

#endif
