#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "roles/roles.h"
#include "base/table.h"

#define NAME_BYTES_MAX 8192

struct taken_name {
    char *name;    /* the tensor's */
    unsigned next; /* the number that the next of that name is tried with */
    UT_hash_handle hh;
};

/* The use that made the tensor what it is, or NULL. */
static const struct evidence_use *defining_use(const struct tensor *tensor)
{
    const struct evidence *evidence = &tensor->evidence;
    if (evidence->by_role[tensor->role].worth)
        return &evidence->by_role[tensor->role];
    if (tensor->role_source == ROLE_SOURCE_OPERAND && evidence->weak_by.worth)
        return &evidence->weak_by;
    return evidence->first_use.worth ? &evidence->first_use : NULL;
}

static const char *place(const struct tensor *tensor)
{
    switch (tensor->id.when) {
    case WHEN_BEFORE:
        return "(before steps)";
    case WHEN_BETWEEN:
        return "(between steps)";
    default:
        return NULL;
    }
}

/* Node and operand; without an operand's name the node that made it, or used it first, and a word.
 */
static void plain_name(const struct tensor *tensor, const struct nodes *nodes,
                       const struct facts *facts, char *name)
{
    const struct evidence *evidence = &tensor->evidence;
    const struct evidence_use *use = defining_use(tensor);
    if (evidence->mark_name) {
        snprintf(name, NAME_BYTES_MAX, "%.*s", (int)strcspn(evidence->mark_name, " "),
                 evidence->mark_name);
        return;
    }
    if (use && use->operand) {
        snprintf(name, NAME_BYTES_MAX, "%s.%s", nodes->nodes[use->node].local,
                 strings_text(&facts->strings, use->operand));
        return;
    }
    const char *made = place(tensor);
    if (!made)
        made = nodes->nodes[tensor->id.node].local;
    if (tensor->id.when != WHEN_STEP && use)
        made = nodes->nodes[use->node].local;
    snprintf(name, NAME_BYTES_MAX, "%s.%s", made, gp_role_name(tensor->role));
}

/* Makes `name` the tensor's, with #2, #3 ... behind it if others have it. */
static void take_name(struct taken_name **taken, struct tensor *tensor, const char *name)
{
    struct taken_name *same = NULL;
    HASH_FIND_STR(*taken, name, same);
    char numbered[NAME_BYTES_MAX + 16];
    struct taken_name *found = same;
    snprintf(numbered, sizeof numbered, "%s", name);
    while (found) {
        snprintf(numbered, sizeof numbered, "%s#%u", name, same->next++);
        HASH_FIND_STR(*taken, numbered, found);
    }
    tensor->name = strdup(numbered);
    struct taken_name *entry = memory_zeroed(1, sizeof *entry);
    entry->name = tensor->name;
    entry->next = 2;
    HASH_ADD_KEYPTR(hh, *taken, entry->name, strlen(entry->name), entry);
}

/* The parameter that an optimizer's kernel took along with a state, or NULL. */
static const struct tensor *parameter_of(const struct tensors *tensors, const struct tensor *state)
{
    if (state->role != GP_ROLE_OPT_STATE || !state->evidence.has_parameter)
        return NULL;
    uint32_t found = tensors_with_id(tensors, &state->evidence.parameter);
    const struct tensor *parameter = found == TENSOR_NONE ? NULL : &tensors->tensors[found];
    return parameter && parameter->role == GP_ROLE_PARAMETER ? parameter : NULL;
}

void roles_name(struct tensors *tensors, const uint32_t *order, const struct nodes *nodes,
                const struct facts *facts)
{
    struct taken_name *taken = NULL;
    char name[NAME_BYTES_MAX];
    for (int states = 0; states < 2; states++) /* states are named after parameters */
        for (size_t i = 0; i < tensors->n_tensors; i++) {
            struct tensor *tensor = &tensors->tensors[order[i]];
            if ((tensor->role == GP_ROLE_OPT_STATE) != states)
                continue;
            const struct tensor *parameter = parameter_of(tensors, tensor);
            if (parameter && !tensor->evidence.mark_name)
                snprintf(name, sizeof name, "%s.%s", parameter->name, gp_role_name(tensor->role));
            else
                plain_name(tensor, nodes, facts, name);
            take_name(&taken, tensor, name);
        }
    TABLE_FREE(struct taken_name, taken);
}
