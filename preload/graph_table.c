#include "graph_table.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "graphprof/capture_format.h"

#define SLOTS           16384u /* a power of 2 */
#define DESCRIPTORS_MAX (SLOTS / 4 * 3)
#define SIGNATURES_MAX  4096u
#define PACKS_MAX       256u

enum kind {
    EMPTY,
    TENSOR,    /* value: its id */
    SIGNATURE, /* value: an index of `signatures` */
    PACK       /* value: an index of `packs` */
};

static struct slot {
    uintptr_t descriptor;
    enum kind kind;
    int64_t value;
} slots[SLOTS];
static unsigned n_descriptors;

/* `ids[i]` is the tensor in operand i of the row, where bit i of `given` is set. */
struct signature {
    uint32_t api; /* enum gp_api */
    uint32_t given;
    int64_t ids[GP_API_OPERANDS_MAX];
};

/* Signature 0 is that of an operation without operands yet, 1 that of one that has no row. */
enum {
    NO_OPERANDS,
    NO_ROW,
    FIRST_SIGNATURE
};
static struct signature signatures[SIGNATURES_MAX];
static unsigned n_signatures = FIRST_SIGNATURE;

static struct pack {
    bool taken;
    unsigned n_ids, n_pointers;
    int64_t ids[GP_GRAPH_TENSORS_MAX];
    uint64_t pointers[GP_GRAPH_TENSORS_MAX];
    uint64_t workspace;
} packs[PACKS_MAX];
static unsigned next_pack; /* where to look for a free one */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned home_of(uintptr_t descriptor)
{
    return (unsigned)((uint64_t)descriptor * UINT64_C(0x9e3779b97f4a7c15) >> 50) % SLOTS;
}

/* The descriptor's slot, or the empty one where it belongs. There is always an empty one. */
static struct slot *find(const void *descriptor)
{
    unsigned i = home_of((uintptr_t)descriptor);
    while (slots[i].kind != EMPTY && slots[i].descriptor != (uintptr_t)descriptor)
        i = (i + 1) % SLOTS;
    return &slots[i];
}

static void put(const void *descriptor, enum kind kind, int64_t value)
{
    struct slot *slot = find(descriptor);
    if (!descriptor || (slot->kind == EMPTY && n_descriptors == DESCRIPTORS_MAX))
        return;
    n_descriptors += slot->kind == EMPTY;
    if (slot->kind == PACK)
        packs[slot->value].taken = false;
    *slot = (struct slot){(uintptr_t)descriptor, kind, value};
}

/* Empties the descriptor's slot; those behind it that would not be found any more move up. */
static void take_out(const void *descriptor)
{
    struct slot *slot = find(descriptor);
    if (slot->kind == EMPTY)
        return;
    if (slot->kind == PACK)
        packs[slot->value].taken = false;
    n_descriptors--;
    unsigned hole = (unsigned)(slot - slots);
    for (unsigned i = (hole + 1) % SLOTS; slots[i].kind != EMPTY; i = (i + 1) % SLOTS) {
        const unsigned from_home = (i - home_of(slots[i].descriptor)) % SLOTS;
        if (from_home >= (i - hole) % SLOTS) {
            slots[hole] = slots[i];
            hole = i;
        }
    }
    slots[hole].kind = EMPTY;
}

/* The signature that says the same, or a new one; NO_ROW if there is no room. */
static unsigned keep(const struct signature *signature)
{
    for (unsigned i = FIRST_SIGNATURE; i < n_signatures; i++)
        if (memcmp(&signatures[i], signature, sizeof *signature) == 0)
            return i;
    if (n_signatures == SIGNATURES_MAX)
        return NO_ROW;
    signatures[n_signatures] = *signature;
    return n_signatures++;
}

static int operand_index(enum gp_api api, const char *name)
{
    const struct gp_api_operand *operands = gp_api_rows[api].operands;
    for (int i = 0; operands[i].name; i++)
        if (strcmp(operands[i].name, name) == 0)
            return i;
    return -1;
}

void gp_graph_forget(const void *descriptor)
{
    pthread_mutex_lock(&lock);
    take_out(descriptor);
    pthread_mutex_unlock(&lock);
}

void gp_graph_tensor(const void *descriptor, int64_t id)
{
    pthread_mutex_lock(&lock);
    put(descriptor, TENSOR, id);
    pthread_mutex_unlock(&lock);
}

void gp_graph_operand(const void *operation, enum gp_api api, const char *operand,
                      const void *tensor)
{
    const int index = operand_index(api, operand);
    if (index < 0)
        return;
    pthread_mutex_lock(&lock);
    const struct slot *of_tensor = find(tensor), *of_operation = find(operation);
    const int64_t before = of_operation->kind == SIGNATURE ? of_operation->value : NO_OPERANDS;
    if (of_tensor->kind == TENSOR && before != NO_ROW) {
        struct signature signature = signatures[before];
        signature.api = api;
        signature.given |= 1u << index;
        signature.ids[index] = of_tensor->value;
        put(operation, SIGNATURE, keep(&signature));
    }
    pthread_mutex_unlock(&lock);
}

void gp_graph_unknown(const void *operation)
{
    pthread_mutex_lock(&lock);
    put(operation, SIGNATURE, NO_ROW);
    pthread_mutex_unlock(&lock);
}

void gp_graph_inherit(const void *to, const void *from)
{
    pthread_mutex_lock(&lock);
    const struct slot *known = find(from);
    if (known->kind == SIGNATURE)
        put(to, SIGNATURE, known->value);
    pthread_mutex_unlock(&lock);
}

/* The descriptor's pack, made at first; NULL if there is no room. */
static struct pack *pack_of(const void *descriptor)
{
    const struct slot *slot = find(descriptor);
    if (slot->kind == PACK)
        return &packs[slot->value];
    for (unsigned i = 0; i < PACKS_MAX; i++) {
        const unsigned at = (next_pack + i) % PACKS_MAX;
        if (packs[at].taken)
            continue;
        next_pack = at + 1;
        put(descriptor, PACK, at);
        slot = find(descriptor);
        if (slot->kind != PACK || slot->value != at)
            return NULL;
        packs[at].taken = true;
        packs[at].n_ids = packs[at].n_pointers = 0;
        packs[at].workspace = 0;
        return &packs[at];
    }
    return NULL;
}

void gp_graph_pack_ids(const void *pack, const int64_t *ids, int64_t n)
{
    if (n < 0 || n > GP_GRAPH_TENSORS_MAX || !ids)
        return;
    pthread_mutex_lock(&lock);
    struct pack *to = pack_of(pack);
    if (to) {
        memcpy(to->ids, ids, (size_t)n * sizeof ids[0]);
        to->n_ids = (unsigned)n;
    }
    pthread_mutex_unlock(&lock);
}

void gp_graph_pack_pointers(const void *pack, void *const *pointers, int64_t n)
{
    if (n < 0 || n > GP_GRAPH_TENSORS_MAX || !pointers)
        return;
    pthread_mutex_lock(&lock);
    struct pack *to = pack_of(pack);
    if (to) {
        for (int64_t i = 0; i < n; i++)
            to->pointers[i] = (uintptr_t)pointers[i];
        to->n_pointers = (unsigned)n;
    }
    pthread_mutex_unlock(&lock);
}

void gp_graph_pack_workspace(const void *pack, const void *workspace)
{
    pthread_mutex_lock(&lock);
    struct pack *to = pack_of(pack);
    if (to)
        to->workspace = (uintptr_t)workspace;
    pthread_mutex_unlock(&lock);
}

static uint64_t pointer_to(const struct pack *pack, int64_t id)
{
    for (unsigned i = 0; i < pack->n_ids && i < pack->n_pointers; i++)
        if (pack->ids[i] == id)
            return pack->pointers[i];
    return 0;
}

/* The operands in the order of the signature's row. */
static unsigned of_row(const struct signature *signature, const struct pack *pack,
                       uint64_t *addresses)
{
    const struct gp_api_operand *operands = gp_api_rows[signature->api].operands;
    unsigned n = 0;
    for (; operands[n].name; n++) {
        addresses[n] = 0;
        if (operands[n].mode == GP_MODE_SCRATCH)
            addresses[n] = pack->workspace;
        else if (signature->given & 1u << n)
            addresses[n] = pointer_to(pack, signature->ids[n]);
    }
    return n;
}

unsigned gp_graph_addresses(const void *plan, const void *pack, enum gp_api otherwise,
                            enum gp_api *api, uint64_t addresses[GP_GRAPH_ADDRESSES_MAX])
{
    unsigned n = 0;
    *api = otherwise;
    pthread_mutex_lock(&lock);
    const struct slot *of_plan = find(plan), *of_pack = find(pack);
    if (of_pack->kind == PACK) {
        const struct pack *given = &packs[of_pack->value];
        if (of_plan->kind == SIGNATURE && of_plan->value >= FIRST_SIGNATURE) {
            *api = (enum gp_api)signatures[of_plan->value].api;
            n = of_row(&signatures[of_plan->value], given, addresses);
        } else {
            addresses[n++] = given->workspace;
            for (unsigned i = 0; i < given->n_pointers; i++)
                addresses[n++] = given->pointers[i];
        }
    } else if (of_plan->kind == SIGNATURE && of_plan->value >= FIRST_SIGNATURE) {
        *api = (enum gp_api)signatures[of_plan->value].api;
    }
    pthread_mutex_unlock(&lock);
    return n;
}
