/* The marks of include/graphprof/node_name.h: "graphprof.tensor ptr=0x.. role=.. name=..". */
#ifndef ANALYSIS_ROLES_MARK_H
#define ANALYSIS_ROLES_MARK_H

#include <stdint.h>

#include "graphprof/role.h"

enum mark_kind {
    MARK_NOT_OURS,
    MARK_BAD, /* ours, but without an address or with a role that does not exist */
    MARK_TENSOR
};

struct mark {
    uint64_t address;
    enum gp_role role;
    const char *name; /* into the text, to the next space; NULL if not given */
};

enum mark_kind mark_parse(const char *text, struct mark *mark);

#endif
