/*
 * The role of each tensor, by the first of these that tells: an NVTX mark, that a library took it
 * for itself, its place in a call (operand), its life and the phases that use it (lifetime).
 * docs/formats.md has the rules in words.
 */
#ifndef ANALYSIS_ROLES_ROLES_H
#define ANALYSIS_ROLES_ROLES_H

#include "roles/tensors.h"

/* Sets role and role_source of every tensor. */
void roles_decide(struct tensors *tensors, const struct nodes *nodes);

/* Sets the name of every tensor, in that order (tensors_order); roles are decided. */
void roles_name(struct tensors *tensors, const uint32_t *order, const struct nodes *nodes,
                const struct facts *facts);

#endif
