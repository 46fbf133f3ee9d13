#include "roles/evidence.h"

#include <string.h>

#include "graphprof/capture_format.h"

void evidence_init(struct evidence *evidence)
{
    memset(evidence, 0, sizeof *evidence);
    evidence->first_strong = EVIDENCE_NO_ROLE;
    evidence->weak = EVIDENCE_NO_ROLE;
}

static unsigned use_of_mode(unsigned mode)
{
    switch (mode) {
    case GP_MODE_READ:
        return EVIDENCE_READ;
    case GP_MODE_WRITE:
        return EVIDENCE_WRITE;
    case GP_MODE_ACCUMULATE:
        return EVIDENCE_READ | EVIDENCE_WRITE;
    case GP_MODE_SCRATCH:
        return EVIDENCE_SCRATCH;
    default:
        return EVIDENCE_TOUCH;
    }
}

/*
 * Who writes a tensor in a role, or takes it as scratch, makes it that; who reads one may be handed
 * anything as activation or gradient (an input, a view), but weights and running statistics are
 * only ever read as such.
 */
static bool is_proof(unsigned mode, unsigned role)
{
    switch (mode) {
    case GP_MODE_WRITE:
    case GP_MODE_ACCUMULATE:
    case GP_MODE_SCRATCH:
        return true;
    case GP_MODE_READ:
        return role == GP_ROLE_PARAMETER || role == GP_ROLE_BUFFER;
    default:
        return false;
    }
}

void evidence_operand(struct evidence *evidence, enum gtype phase, unsigned mode, unsigned role,
                      uint64_t offset, struct evidence_use use)
{
    evidence->uses[phase] |= (uint8_t)use_of_mode(mode);
    if (use.worth > evidence->first_use.worth)
        evidence->first_use = use;
    if (role >= GP_ROLE_COUNT)
        return;
    if (!is_proof(mode, role)) {
        if (evidence->weak == EVIDENCE_NO_ROLE) {
            evidence->weak = (uint8_t)role;
            evidence->weak_by = use;
        } else if (evidence->weak == role && evidence->weak_by.worth == EVIDENCE_OUTSIDE) {
            evidence->weak_by = use;
        }
        return;
    }
    if (evidence->first_strong == EVIDENCE_NO_ROLE) {
        evidence->first_strong = (uint8_t)role;
        evidence->strong_offset = offset;
    } else if (role != evidence->first_strong && offset != evidence->strong_offset) {
        evidence->mixed = true;
    }
    evidence->strong |= (uint16_t)(1u << role);
    if (evidence->by_role[role].worth <= EVIDENCE_OUTSIDE)
        evidence->by_role[role] = use;
}

static void merge_use(struct evidence_use *into, const struct evidence_use *from)
{
    if (from->worth > into->worth)
        *into = *from;
}

void evidence_merge(struct evidence *into, const struct evidence *from)
{
    for (unsigned i = 0; i < GTYPE_COUNT; i++)
        into->uses[i] |= from->uses[i];
    into->from_host |= from->from_host;
    into->mixed |= from->mixed;
    if (!into->marked && from->marked) {
        into->marked = true;
        into->mark_role = from->mark_role;
        into->mark_name = from->mark_name;
    }
    if (into->first_strong == EVIDENCE_NO_ROLE)
        into->first_strong = from->first_strong;
    if (into->weak == EVIDENCE_NO_ROLE)
        into->weak = from->weak;
    into->strong |= from->strong;
    for (unsigned i = 0; i < GP_ROLE_COUNT; i++)
        merge_use(&into->by_role[i], &from->by_role[i]);
    merge_use(&into->weak_by, &from->weak_by);
    merge_use(&into->first_use, &from->first_use);
    if (!into->has_parameter && from->has_parameter) {
        into->has_parameter = true;
        into->parameter = from->parameter;
    }
}

bool evidence_like_parameter(const struct evidence *evidence)
{
    return evidence->strong & 1u << GP_ROLE_PARAMETER ||
           (evidence->uses[GTYPE_FORWARD] & (EVIDENCE_READ | EVIDENCE_TOUCH));
}
