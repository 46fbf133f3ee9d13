/*
 * What is known about a tensor's role from the calls that used it. One of these goes with each live
 * allocation and is merged into its tensor (tensors.h) when the allocation is gone.
 */
#ifndef ANALYSIS_ROLES_EVIDENCE_H
#define ANALYSIS_ROLES_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "graphprof/role.h"
#include "replay/nodes.h"
#include "roles/tensor_id.h"

/* How it was used, one set a phase. */
enum {
    EVIDENCE_READ = 1,
    EVIDENCE_WRITE = 2,
    EVIDENCE_TOUCH = 4, /* by a kernel of the program: read or written */
    EVIDENCE_SCRATCH = 8
};

#define EVIDENCE_NO_ROLE 255u

/* What a use is worth for the tensor's name: a place in a layer says more than a copy to it. */
enum evidence_worth {
    EVIDENCE_NO_USE,
    EVIDENCE_OUTSIDE, /* of steps and ranges: it has no place */
    EVIDENCE_COPIED,
    EVIDENCE_LAUNCHED, /* by a kernel of the program, or another call without operand names */
    EVIDENCE_COMPUTED
};

/* An operand in a call, for the tensor's name. */
struct evidence_use {
    uint32_t node;
    uint32_t operand; /* string id; 0 for a kernel's parameter */
    enum evidence_worth worth;
};

struct evidence {
    uint8_t uses[GTYPE_COUNT];
    bool from_host; /* written by a copy from host memory */
    bool mixed;     /* one allocation with different roles at different places inside */
    bool marked;    /* the program said the role, in an NVTX mark */
    uint8_t mark_role;
    uint8_t first_strong;   /* the earliest role that an operand proves, or EVIDENCE_NO_ROLE */
    uint8_t weak;           /* the earliest role that an operand suggests, or EVIDENCE_NO_ROLE */
    uint16_t strong;        /* a bit for each role that an operand proves */
    uint64_t strong_offset; /* where inside the allocation that was */
    const char *mark_name;  /* behind "name=" in the mark, to the next space; or NULL */
    struct evidence_use by_role[GP_ROLE_COUNT]; /* the first use that proves the role */
    struct evidence_use weak_by;
    struct evidence_use first_use; /* of those worth most */
    bool has_parameter;            /* an optimizer's kernel took it along with this one */
    struct tensor_id parameter;
};

void evidence_init(struct evidence *evidence);

/*
 * An operand of a call in `phase`. `mode` is enum gp_operand_mode, `role` enum gp_role or
 * GP_ROLE_ANY, `offset` the distance from the allocation's begin.
 */
void evidence_operand(struct evidence *evidence, enum gtype phase, unsigned mode, unsigned role,
                      uint64_t offset, struct evidence_use use);

/* Adds what a later allocation of the same tensor has shown. */
void evidence_merge(struct evidence *into, const struct evidence *from);

/* True if a kernel of the optimizer may take it for a parameter: so the forward phase used it. */
bool evidence_like_parameter(const struct evidence *evidence);

#endif
