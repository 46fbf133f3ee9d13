/* Roles of device memory: the enum over roles.def and the names that files use. */
#ifndef GRAPHPROF_ROLE_H
#define GRAPHPROF_ROLE_H

enum gp_role {
#define GP_ROLE(id, name) GP_ROLE_##id,
#include "graphprof/roles.def"
#undef GP_ROLE
    GP_ROLE_COUNT,
    GP_ROLE_ANY = 255 /* an operand that may have any role (a GEMM's matrices) */
};

/* The name of a role, as in the files; "any" for GP_ROLE_ANY. */
static inline const char *gp_role_name(unsigned role)
{
    switch (role) {
#define GP_ROLE(id, name)                                                                          \
    case GP_ROLE_##id:                                                                             \
        return #name;
#include "graphprof/roles.def"
#undef GP_ROLE
    default:
        return "any";
    }
}

#endif
