#include "roles/tensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"

struct tensor_key {
    struct tensor_id id;
    enum tensor_life usual; /* the life of the first that was retired */
    bool has_exceptions;
    uint32_t number;
    uint32_t tensors[TENSOR_LIVES]; /* index + 1; 0: none */
    struct tensor_key *follower;    /* that was asked for next, the last time */
    UT_hash_handle hh;
};

/* An allocation whose life is not its key's usual one. */
struct tensor_exception {
    uint64_t at; /* the key's number and the period */
    enum tensor_life life;
    UT_hash_handle hh;
};

static enum tensor_life life_of(const struct allocation *allocation)
{
    /* A gap has an even period, 2 g; step k has 2 k + 1 and lies between the gaps k and k + 1. */
    int64_t first_gap = ((int64_t)allocation->made.period + 1) / 2;
    int64_t last_gap = (int64_t)allocation->freed.period / 2;
    int64_t gaps = last_gap - first_gap + 1;
    return gaps <= 0 ? TENSOR_IN_STEP : gaps == 1 ? TENSOR_ONE_GAP : TENSOR_PERSISTENT;
}

/* The steps in which it was live: first..last; first > last if none. */
static void steps_of(const struct steps *steps, const struct allocation *allocation, int64_t *first,
                     int64_t *last)
{
    *first = allocation->made.period / 2;
    *last = ((int64_t)allocation->freed.period - 1) / 2;
    if (allocation->freed.period == 0)
        *last = -1;
    if (*last >= (int64_t)steps->n_steps)
        *last = (int64_t)steps->n_steps - 1;
}

static struct tensor_key *find_key(const struct tensors *tensors, const struct tensor_id *id)
{
    struct tensor_key *key = NULL;
    HASH_FIND(hh, tensors->keys, id, sizeof *id, key);
    return key;
}

/* The same for ids that come in turn, step after step: mostly it follows the one before again. */
static struct tensor_key *find_next_key(struct tensors *tensors, const struct tensor_id *id)
{
    struct tensor_key *last = tensors->last;
    struct tensor_key *key = last ? last->follower : NULL;
    if (!key || memcmp(&key->id, id, sizeof *id) != 0) {
        key = find_key(tensors, id);
        if (last)
            last->follower = key;
    }
    tensors->last = key;
    if (key)
        __builtin_prefetch(key->follower);
    return key;
}

static struct tensor_key *find_or_add_key(struct tensors *tensors, const struct tensor_id *id,
                                          enum tensor_life life)
{
    struct tensor_key *key = find_next_key(tensors, id);
    if (key)
        return key;
    key = memory_zeroed(1, sizeof *key);
    key->id = *id;
    key->usual = life;
    key->number = HASH_COUNT(tensors->keys);
    HASH_ADD(hh, tensors->keys, id, sizeof key->id, key);
    return key;
}

static void note_exception(struct tensors *tensors, struct tensor_key *key, uint32_t period,
                           enum tensor_life life)
{
    if (life == key->usual)
        return;
    struct tensor_exception *exception = memory_zeroed(1, sizeof *exception);
    exception->at = (uint64_t)key->number << 32 | period;
    exception->life = life;
    key->has_exceptions = true;
    HASH_ADD(hh, tensors->exceptions, at, sizeof exception->at, exception);
}

static struct tensor *add_tensor(struct tensors *tensors, const struct allocation *allocation,
                                 enum tensor_life life)
{
    ARRAY_RESERVE(tensors->tensors, tensors->capacity, tensors->n_tensors + 1);
    struct tensor *tensor = &tensors->tensors[tensors->n_tensors++];
    tensor->id = tensor_id_of(allocation);
    tensor->life = life;
    tensor->api = allocation->api;
    tensor->space = allocation->physical ? GP_SPACE_PHYSICAL : allocation->space;
    tensor->library = allocation->library;
    tensor->made_in_step = UINT32_MAX;
    tensor->role = GP_ROLE_OTHER;
    tensor->role_source = ROLE_SOURCE_NONE;
    tensor->uses = (struct tensor_uses){0};
    evidence_init(&tensor->evidence);
    return tensor;
}

static void count_life(struct tensor *tensor, const struct steps *steps, const struct nodes *nodes,
                       const struct allocation *allocation, size_t first, size_t last)
{
    tensor->allocations++;
    if (allocation->is_freed && allocation->freed.period % 2 == 1) {
        tensor->freed_in[nodes_gtype(nodes, allocation->freed.node)]++;
        tensor->freed_in_call += allocation->freed.serial == allocation->made.serial &&
                                 allocation->made.node != NODES_ROOT;
    }
    if (first < tensor->seen_until)
        first = tensor->seen_until;
    tensor->steps += steps_counted_between(steps, first, last);
    if (last + 1 > tensor->seen_until)
        tensor->seen_until = last + 1;
    if (allocation->made.period % 2 == 1 && allocation->made.period / 2 < tensor->made_in_step)
        tensor->made_in_step = allocation->made.period / 2;
}

void tensors_retire(struct tensors *tensors, const struct steps *steps, const struct nodes *nodes,
                    const struct allocation *allocation, const struct evidence *evidence)
{
    int64_t first;
    int64_t last;
    steps_of(steps, allocation, &first, &last);
    if (first > last || steps_counted_between(steps, (size_t)first, (size_t)last) == 0)
        return;
    enum tensor_life life = life_of(allocation);
    struct tensor_id id = tensor_id_of(allocation);
    struct tensor_key *key = find_or_add_key(tensors, &id, life);
    note_exception(tensors, key, allocation->made.period, life);
    if (key->tensors[life] == 0) {
        add_tensor(tensors, allocation, life);
        key->tensors[life] = (uint32_t)tensors->n_tensors;
    }
    struct tensor *tensor = &tensors->tensors[key->tensors[life] - 1];
    evidence_merge(&tensor->evidence, evidence);
    count_life(tensor, steps, nodes, allocation, (size_t)first, (size_t)last);
}

uint32_t tensors_of(struct tensors *tensors, const struct allocation *allocation)
{
    struct tensor_id id = tensor_id_of(allocation);
    const struct tensor_key *key = find_next_key(tensors, &id);
    if (!key)
        return TENSOR_NONE;
    enum tensor_life life = key->usual;
    if (key->has_exceptions) {
        const uint64_t at = (uint64_t)key->number << 32 | allocation->made.period;
        struct tensor_exception *exception = NULL;
        HASH_FIND(hh, tensors->exceptions, &at, sizeof at, exception);
        if (exception)
            life = exception->life;
    }
    return key->tensors[life] ? key->tensors[life] - 1 : TENSOR_NONE;
}

uint32_t tensors_with_id(const struct tensors *tensors, const struct tensor_id *id)
{
    const struct tensor_key *key = find_key(tensors, id);
    for (int life = TENSOR_PERSISTENT; key && life >= 0; life--)
        if (key->tensors[life])
            return key->tensors[life] - 1;
    return TENSOR_NONE;
}

void tensors_keep_roles(struct tensors *tensors)
{
    tensors->roles = memory_resized(tensors->roles, tensors->n_tensors + 1, 1);
    for (size_t i = 0; i < tensors->n_tensors; i++)
        tensors->roles[i] = (uint8_t)tensors->tensors[i].role;
}

void tensors_forget_uses(struct tensors *tensors)
{
    for (size_t i = 0; i < tensors->n_tensors; i++)
        tensors->tensors[i].uses = (struct tensor_uses){0};
}

void tensor_used(struct tensor_uses *uses, enum gtype phase, uint64_t moment, uint64_t ns)
{
    if (phase == GTYPE_FORWARD) {
        if (!uses->first_fw)
            uses->first_fw = moment;
        uses->last_fw = moment;
        uses->last_fw_ns = ns;
    } else if (phase == GTYPE_BACKWARD) {
        if (!uses->first_bw) {
            uses->first_bw = moment;
            uses->first_bw_ns = ns;
        }
        uses->last_bw = moment;
    }
}

const char *role_source_name(enum role_source source)
{
    static const char *const names[] = {"nvtx", "operand", "lifetime", "library", "none"};
    return names[source];
}

void tensors_free(struct tensors *tensors)
{
    TABLE_FREE(struct tensor_key, tensors->keys);
    TABLE_FREE(struct tensor_exception, tensors->exceptions);
    for (size_t i = 0; i < tensors->n_tensors; i++)
        free(tensors->tensors[i].name);
    free(tensors->tensors);
    free(tensors->roles);
    memset(tensors, 0, sizeof *tensors);
}
