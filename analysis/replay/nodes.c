#include "replay/nodes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "graphprof/node_name.h"
#include "base/table.h"

/* A shortcut to the node of a range that was seen before: no text is put together. */
struct node_by_name {
    uint64_t key; /* parent and name */
    uint32_t node;
    struct node_by_name *follower; /* that was asked for next, the last time */
    UT_hash_handle hh;
};

struct node_by_path {
    char *path; /* the node's */
    uint32_t node;
    UT_hash_handle hh;
};

void nodes_init(struct nodes *nodes)
{
    memset(nodes, 0, sizeof *nodes);
    ARRAY_RESERVE(nodes->nodes, nodes->capacity, 1);
    nodes->nodes[0].path = strdup(GP_NODE_NO_RANGE);
    nodes->nodes[0].local = nodes->nodes[0].path;
    nodes->n_nodes = 1;
}

void nodes_free(struct nodes *nodes)
{
    TABLE_FREE(struct node_by_name, nodes->by_name);
    TABLE_FREE(struct node_by_path, nodes->by_path);
    for (size_t i = 0; i < nodes->n_nodes; i++)
        free(nodes->nodes[i].path);
    free(nodes->nodes);
    memset(nodes, 0, sizeof *nodes);
}

/* Length of `name` without a call's number behind it. */
static size_t name_length(const char *name)
{
    static const char *const numbers[] = {", seq = ", ", op_id = "};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const char *found = strstr(name, numbers[i]);
        if (found && found != name && (size_t)(found - name) < length)
            length = (size_t)(found - name);
    }
    return length;
}

static bool begins_with(const char *name, const char *word)
{
    return strncasecmp(name, word, strlen(word)) == 0;
}

static enum gtype gtype_of_range(const char *name)
{
    if (begins_with(name, GP_RANGE_OPTIMIZER))
        return GTYPE_OPTIMIZER;
    if (begins_with(name, GP_RANGE_BACKWARD) || strstr(name, "Backward"))
        return GTYPE_BACKWARD;
    if (begins_with(name, GP_RANGE_FORWARD))
        return GTYPE_FORWARD;
    return GTYPE_OTHER;
}

/* True if the name is a phase and nothing else: "forward", "forward pass", "Backward_2". */
static bool is_phase(const char *name, size_t length)
{
    static const char *const words[] = {GP_RANGE_FORWARD, GP_RANGE_BACKWARD, GP_RANGE_OPTIMIZER};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t word = strlen(words[i]);
        if (begins_with(name, words[i]) && (length == word || !isalnum((unsigned char)name[word])))
            return true;
    }
    return false;
}

static char *joined(const char *parent, const char *name, size_t length)
{
    size_t front = parent ? strlen(parent) + 1 : 0;
    char *path = memory_zeroed(front + length + 1, 1);
    if (parent) {
        memcpy(path, parent, front - 1);
        path[front - 1] = '/';
    }
    memcpy(path + front, name, length);
    return path;
}

/* Takes `path`. `text`: its last part. */
static uint32_t add_node(struct nodes *nodes, uint32_t parent, const char *text, char *path)
{
    ARRAY_RESERVE(nodes->nodes, nodes->capacity, nodes->n_nodes + 1);
    uint32_t id = (uint32_t)nodes->n_nodes++;
    struct node *node = &nodes->nodes[id];
    const struct node *above = &nodes->nodes[parent];
    node->parent = parent;
    node->path = path;
    node->gtype = above->gtype != GTYPE_OTHER ? above->gtype : gtype_of_range(text);
    size_t above_length = parent ? strlen(above->path) : 0;
    size_t above_local = parent ? (size_t)(above->local - above->path) : 0;
    bool phase = parent && above_local == 0 && is_phase(above->path, above_length);
    node->local = path + (phase ? above_length + 1 : above_local);

    struct node_by_path *entry = memory_zeroed(1, sizeof *entry);
    entry->path = path;
    entry->node = id;
    HASH_ADD_KEYPTR(hh, nodes->by_path, path, strlen(path), entry);
    return id;
}

/* The node whose path is parent/name. */
static uint32_t find_or_add(struct nodes *nodes, uint32_t parent, const char *text, size_t length)
{
    if (length == 0) {
        text = "(unnamed)";
        length = strlen(text);
    }
    char *path = joined(parent ? nodes->nodes[parent].path : NULL, text, length);
    struct node_by_path *entry = NULL;
    HASH_FIND_STR(nodes->by_path, path, entry);
    if (!entry)
        return add_node(nodes, parent, text, path);
    free(path);
    return entry->node;
}

uint32_t nodes_child(struct nodes *nodes, const struct facts *facts, uint32_t parent, uint32_t name)
{
    const uint64_t key = (uint64_t)parent << 32 | name;
    struct node_by_name *last = nodes->last;
    struct node_by_name *entry = last ? last->follower : NULL;
    if (!entry || entry->key != key) {
        HASH_FIND(hh, nodes->by_name, &key, sizeof key, entry);
        if (last)
            last->follower = entry;
    }
    nodes->last = entry;
    if (entry) {
        __builtin_prefetch(entry->follower);
        return entry->node;
    }
    const char *text = strings_text(&facts->strings, name);
    size_t length = name_length(text);
    uint32_t node = find_or_add(nodes, parent, text, length);
    if (text[length])
        return node; /* numbered: the name will not come again */
    entry = memory_zeroed(1, sizeof *entry);
    entry->key = key;
    entry->node = node;
    HASH_ADD(hh, nodes->by_name, key, sizeof entry->key, entry);
    return node;
}

uint32_t nodes_named(struct nodes *nodes, const char *name)
{
    return find_or_add(nodes, NODES_ROOT, name, strlen(name));
}

enum gtype nodes_gtype(const struct nodes *nodes, uint32_t node)
{
    const struct node *of = &nodes->nodes[node];
    return of->gtype != GTYPE_OTHER || node == NODES_ROOT ? of->gtype : of->called;
}

const char *gtype_name(enum gtype gtype)
{
    static const char *const names[] = {"other", "forward", "backward", "optimizer"};
    return names[gtype];
}

enum gtype gtype_of_api(const char *name)
{
    if (strstr(name, "Backward") || strstr(name, "Bwd") || strstr(name, "backward"))
        return GTYPE_BACKWARD;
    if (strstr(name, "Forward") || strstr(name, "Fwd") || strstr(name, "forward"))
        return GTYPE_FORWARD;
    return GTYPE_OTHER;
}
