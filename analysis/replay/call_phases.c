#include "replay/call_phases.h"

#include "base/table.h"
#include "base/array.h"

#define NONE SIZE_MAX

/* What the step has done so far with the memory that begins at an address. */
struct call_address {
    uint64_t address;
    size_t writer;   /* the first call that wrote it; NONE */
    bool is_new;     /* allocated in this step */
    bool read_first; /* a call read it before any other used it */
    bool used;
    UT_hash_handle hh;
};

/* Where phases begin and end, as indices of calls; NONE. */
struct borders {
    size_t named_backward; /* the last call whose name says backward */
    size_t backward;       /* the first of that phase */
    size_t optimizer;      /* the first */
    size_t last_optimizer;
    bool forward; /* a call's name says forward */
};

static struct call_address *address_of(struct call_phases *phases, uint64_t address)
{
    struct call_address *found = NULL;
    HASH_FIND(hh, phases->addresses, &address, sizeof address, found);
    if (found)
        return found;
    found = memory_zeroed(1, sizeof *found);
    found->address = address;
    found->writer = NONE;
    HASH_ADD(hh, phases->addresses, address, sizeof found->address, found);
    return found;
}

static unsigned mode_of(const struct fact_api *api, uint32_t operand)
{
    return operand < api->n_operands ? api->operands[operand].mode : GP_MODE_TOUCH;
}

/* Whether the call updates what was there before the step and was read in it. */
static bool updates(struct call_phases *phases, const struct fact_api *api,
                    const struct gp_record_call *call, const uint64_t *operands,
                    bool behind_backward)
{
    for (uint32_t i = 0; i < call->n_operands; i++) {
        const unsigned mode = mode_of(api, i);
        const bool may = mode == GP_MODE_ACCUMULATE || (mode == GP_MODE_TOUCH && behind_backward);
        if (!may || operands[i] == 0)
            continue;
        const struct call_address *held = address_of(phases, operands[i]);
        if (held->read_first && !held->is_new && held->writer == NONE)
            return true;
    }
    return false;
}

static void note_optimizer(struct call_phases *phases, struct borders *borders,
                           const struct fact_api *api, const struct gp_record_call *call,
                           const uint64_t *operands, const struct call_seen *calls, size_t index)
{
    if (borders->optimizer == NONE)
        borders->optimizer = index;
    borders->last_optimizer = index;
    for (uint32_t i = 0; i < call->n_operands; i++) {
        if (mode_of(api, i) == GP_MODE_ACCUMULATE || operands[i] == 0)
            continue;
        const size_t writer = address_of(phases, operands[i])->writer;
        if (writer < borders->backward && calls[writer].gtype != GTYPE_FORWARD &&
            calls[writer].gtype != GTYPE_OPTIMIZER)
            borders->backward = writer;
    }
}

static void note_uses(struct call_phases *phases, const struct fact_api *api,
                      const struct gp_record_call *call, const uint64_t *operands, size_t index)
{
    for (uint32_t i = 0; i < call->n_operands; i++) {
        if (operands[i] == 0)
            continue;
        struct call_address *held = address_of(phases, operands[i]);
        const unsigned mode = mode_of(api, i);
        held->read_first |= mode == GP_MODE_READ && !held->used;
        held->used = true;
        if ((mode == GP_MODE_WRITE || mode == GP_MODE_ACCUMULATE) && held->writer == NONE)
            held->writer = index;
    }
}

static void take_call(struct call_phases *phases, struct borders *borders,
                      const struct fact_api *api, const struct capture_event *event,
                      struct call_seen *calls, size_t index)
{
    const struct gp_record_call *call = (const void *)event->payload;
    const uint64_t *operands = event->payload + 1;
    const bool behind_backward = borders->named_backward != NONE && index > borders->named_backward;
    if (calls[index].gtype == GTYPE_OTHER && updates(phases, api, call, operands, behind_backward))
        calls[index].gtype = GTYPE_OPTIMIZER;
    if (calls[index].gtype == GTYPE_OPTIMIZER)
        note_optimizer(phases, borders, api, call, operands, calls, index);
    note_uses(phases, api, call, operands, index);
}

static enum gtype by_place(const struct borders *borders, size_t index)
{
    const size_t end = borders->optimizer != NONE        ? borders->optimizer
                       : borders->named_backward != NONE ? borders->named_backward
                                                         : 0;
    if (borders->last_optimizer != NONE && index >= borders->optimizer)
        return index <= borders->last_optimizer ? GTYPE_OPTIMIZER : GTYPE_OTHER;
    if (borders->backward != NONE)
        return index < borders->backward ? GTYPE_FORWARD
               : index < end             ? GTYPE_BACKWARD
                                         : GTYPE_OTHER;
    return borders->forward && borders->optimizer == NONE ? GTYPE_FORWARD : GTYPE_OTHER;
}

static struct borders look_at_names(const struct facts *facts, const struct capture *capture,
                                    struct call_seen *calls, size_t n)
{
    struct borders borders = {NONE, NONE, NONE, NONE, false};
    for (size_t i = 0; i < n; i++) {
        struct capture_event event;
        size_t at = calls[i].offset;
        capture_peek(capture, &at, &event);
        calls[i].gtype = call_gtype_by_name(facts, (const void *)event.payload);
        borders.forward |= calls[i].gtype == GTYPE_FORWARD;
        if (calls[i].gtype != GTYPE_BACKWARD)
            continue;
        borders.named_backward = i;
        if (borders.backward == NONE)
            borders.backward = i;
    }
    return borders;
}

void call_phases_tell(struct call_phases *phases, const struct facts *facts,
                      const struct capture *capture, uint64_t begin, uint64_t end,
                      struct call_seen *calls, size_t n)
{
    struct borders borders = look_at_names(facts, capture, calls, n);
    struct capture_event event;
    size_t index = 0;
    for (size_t at = begin; at <= end && capture_peek(capture, &at, &event);) {
        if (event.type == GP_RECORD_ALLOC) {
            struct call_address *held = address_of(phases, event.payload[0]);
            held->writer = NONE;
            held->is_new = true;
            held->read_first = held->used = false;
        } else if (event.type == GP_RECORD_CALL && index < n &&
                   event.offset == calls[index].offset) {
            const struct gp_record_call *call = (const void *)event.payload;
            take_call(phases, &borders, facts_api(facts, call->api), &event, calls, index++);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (calls[i].gtype == GTYPE_OTHER)
            calls[i].gtype = by_place(&borders, i);
    TABLE_FREE(struct call_address, phases->addresses);
}
