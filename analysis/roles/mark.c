#include "roles/mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "graphprof/node_name.h"

/* Behind "key=" where a word of the text begins so; NULL if none does. */
static const char *value_of(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = text; (at = strstr(at, key)) != NULL; at += length)
        if (at[-1] == ' ' && at[length] == '=')
            return at + length + 1;
    return NULL;
}

enum mark_kind mark_parse(const char *text, struct mark *mark)
{
    static const char prefix[] = GP_MARK_TENSOR_PREFIX;
    if (strncmp(text, prefix, sizeof prefix - 1) != 0)
        return MARK_NOT_OURS;
    text += sizeof prefix - 1; /* the prefix ends with a space: text[-1] may be read */
    const char *address = value_of(text, "ptr");
    const char *role = value_of(text, "role");
    mark->name = value_of(text, "name");
    if (mark->name && (*mark->name == '\0' || *mark->name == ' '))
        mark->name = NULL;
    if (!address || !role)
        return MARK_BAD;
    char *end;
    errno = 0;
    mark->address = strtoull(address, &end, 0);
    if (errno || end == address || (*end && *end != ' '))
        return MARK_BAD;
    size_t length = strcspn(role, " ");
    for (unsigned i = 0; i < GP_ROLE_COUNT; i++)
        if (strlen(gp_role_name(i)) == length && strncmp(gp_role_name(i), role, length) == 0) {
            mark->role = (enum gp_role)i;
            return MARK_TENSOR;
        }
    return MARK_BAD;
}
