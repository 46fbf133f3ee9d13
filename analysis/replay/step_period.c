#include "replay/step_period.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/call_kinds.h"
#include "replay/ledger.h"
#include "replay/period.h"

/* What a call is, for the choice of where a step begins. */
enum kind {
    KIND_PREPARES, /* an allocation, a copy to the device */
    KIND_FOLLOWS,  /* a copy to the host */
    KIND_WAITS,    /* and a synchronisation */
    KIND_COMPUTES,
    KIND_FORWARD,
    KIND_OPTIMIZER
};

struct symbol {
    uint64_t hash;
    enum kind kind;
};

/* The thread whose calls are looked at, and what is live, which tells copies apart. */
struct listener {
    const struct facts *facts;
    uint32_t thread;
    uint32_t instance;
    struct range_threads *threads;
    struct ledger ledger;
};

static uint64_t mixed(uint64_t a, uint64_t b)
{
    uint64_t hash = (a ^ b << 32 ^ b >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return hash ^ hash >> 32;
}

static void take_alloc(struct listener *listener, const struct gp_record_alloc *record)
{
    if (record->address == 0 || !facts_is_device_space(record->space))
        return;
    for (struct allocation *old; (old = ledger_overlapped(&listener->ledger, record->address,
                                                          record->bytes, record->space)) != NULL;) {
        ledger_remove(&listener->ledger, old);
        ledger_drop(&listener->ledger, old);
    }
    struct allocation *allocation = ledger_make(&listener->ledger);
    allocation->address = record->address;
    allocation->bytes = record->bytes;
    allocation->space = record->space;
    ledger_insert(&listener->ledger, allocation);
}

static void take_free(struct listener *listener, const struct gp_record_free *record)
{
    struct allocation *allocation = ledger_at(&listener->ledger, record->address);
    if (!allocation)
        return;
    ledger_remove(&listener->ledger, allocation);
    ledger_drop(&listener->ledger, allocation);
}

static bool symbol_of_call(const struct listener *listener, const struct capture_event *event,
                           struct symbol *symbol)
{
    const struct gp_record_call *call = (const void *)event->payload;
    const struct fact_api *api = facts_api(listener->facts, call->api);
    const uint32_t kernel = strings_canonical(&listener->facts->strings, call->aux);
    symbol->hash = mixed(mixed(call->api, 1), kernel);
    if (call_computes(api)) {
        const enum gtype gtype = call_gtype_by_name(listener->facts, call);
        symbol->kind = gtype == GTYPE_OPTIMIZER ? KIND_OPTIMIZER
                       : gtype == GTYPE_FORWARD ? KIND_FORWARD
                                                : KIND_COMPUTES;
        return true;
    }
    if (api->class_id == GP_CLASS_SYNC) {
        symbol->kind = KIND_WAITS;
        return true;
    }
    const uint64_t *operands = event->payload + 1;
    symbol->kind = call->n_operands && ledger_holding(&listener->ledger, operands[0])
                       ? KIND_PREPARES
                       : KIND_FOLLOWS;
    return api->class_id == GP_CLASS_COPY;
}

/* True if the record is a call of the thread's that counts. */
static bool listen(struct listener *listener, const struct capture_event *event,
                   struct symbol *symbol)
{
    const struct gp_record_alloc *alloc = (const void *)event->payload;
    if (event->type == GP_RECORD_THREAD)
        ranges_thread_begins(listener->threads, event->thread);
    else if (event->type == GP_RECORD_ALLOC)
        take_alloc(listener, alloc);
    else if (event->type == GP_RECORD_FREE)
        take_free(listener, (const void *)event->payload);
    if (event->thread != listener->thread ||
        ranges_thread(listener->threads, event->thread)->instance != listener->instance)
        return false;
    if (event->type == GP_RECORD_CALL)
        return symbol_of_call(listener, event, symbol);
    if (event->type != GP_RECORD_ALLOC ||
        facts_api(listener->facts, alloc->api)->class_id == GP_CLASS_LIBRARY)
        return false;
    *symbol = (struct symbol){mixed(mixed(alloc->api, 2), alloc->bytes), KIND_PREPARES};
    return true;
}

static void listen_again(struct listener *listener, struct steps *steps, struct capture *capture)
{
    ranges_clear(&steps->threads);
    ledger_free(&listener->ledger);
    ledger_init(&listener->ledger, 0);
    capture_rewind(capture);
}

/* The thread that makes most compute calls, and how many these are. */
static uint64_t choose_thread(struct listener *listener, struct steps *steps,
                              struct capture *capture)
{
    struct capture_event event;
    uint64_t *calls = NULL; /* by instance */
    size_t capacity = 0;
    uint64_t most = 0;
    listen_again(listener, steps, capture);
    while (capture_next(capture, &event)) {
        if (event.type == GP_RECORD_THREAD)
            ranges_thread_begins(&steps->threads, event.thread);
        const struct gp_record_call *call = (const void *)event.payload;
        if (event.type != GP_RECORD_CALL || !call_computes(facts_api(listener->facts, call->api)))
            continue;
        const uint32_t instance = ranges_thread(&steps->threads, event.thread)->instance;
        ARRAY_RESERVE(calls, capacity, (size_t)instance + 1);
        if (++calls[instance] <= most)
            continue;
        most = calls[instance];
        listener->thread = event.thread;
        listener->instance = instance;
    }
    free(calls);
    return most;
}

/* The last calls of the thread, in order. */
struct window {
    uint64_t *hashes;
    uint8_t *kinds;
    size_t n;
    size_t capacity;
    size_t kinds_capacity;
};

static void rotate(struct window *window, size_t first)
{
    uint64_t *hashes = memory_zeroed(window->n, sizeof *hashes);
    uint8_t *kinds = memory_zeroed(window->n, 1);
    for (size_t i = 0; i < window->n; i++) {
        hashes[i] = window->hashes[(first + i) % window->n];
        kinds[i] = window->kinds[(first + i) % window->n];
    }
    free(window->hashes);
    free(window->kinds);
    window->hashes = hashes;
    window->kinds = kinds;
}

static void fill_window(struct window *window, struct listener *listener, struct steps *steps,
                        struct capture *capture)
{
    struct capture_event event;
    struct symbol symbol;
    size_t seen = 0;
    listen_again(listener, steps, capture);
    while (capture_next(capture, &event)) {
        if (!listen(listener, &event, &symbol))
            continue;
        const size_t at = seen++ % STEP_PERIOD_WINDOW;
        ARRAY_RESERVE(window->hashes, window->capacity, at + 1);
        ARRAY_RESERVE(window->kinds, window->kinds_capacity, at + 1);
        window->hashes[at] = symbol.hash;
        window->kinds[at] = (uint8_t)symbol.kind;
        window->n = window->n > at + 1 ? window->n : at + 1;
    }
    if (seen > window->n)
        rotate(window, seen % window->n);
}

/* The call of the kind that the longest stretch without one follows, around the period; `n`: none.
 */
static size_t before_longest_stretch(const uint8_t *kinds, size_t n, enum kind kind)
{
    size_t found = n;
    size_t longest = 0;
    size_t last = n;
    for (size_t i = 0; i < 2 * n; i++) {
        if (kinds[i % n] != kind)
            continue;
        if (last < n && i - last > longest) {
            longest = i - last;
            found = last;
        }
        if (last == n || i < n)
            last = i < n ? i : last;
        else
            break;
    }
    return found;
}

/* Where in the period the step begins. */
static size_t choose_begin(const uint8_t *kinds, size_t n)
{
    size_t at = before_longest_stretch(kinds, n, KIND_OPTIMIZER);
    if (at < n) {
        at++;
        while (kinds[at % n] == KIND_FOLLOWS || kinds[at % n] == KIND_WAITS)
            at++;
        return at % n;
    }
    at = before_longest_stretch(kinds, n, KIND_FORWARD);
    if (at < n) {
        do /* the next one */
            at++;
        while (kinds[at % n] != KIND_FORWARD);
        while (kinds[(at + n - 1) % n] == KIND_PREPARES)
            at = (at + n - 1) % n;
        return at % n;
    }
    at = before_longest_stretch(kinds, n, KIND_WAITS);
    return at < n ? (at + 1) % n : 0;
}

/* A place behind a call of the thread, the frees that follow it included. */
struct place {
    uint64_t offset; /* of the last record */
    uint64_t ns;
};

/* Finds occurrences of the pattern as the calls pass by. */
struct matcher {
    const uint64_t *pattern;
    size_t n;
    uint32_t *failure;
    size_t matched;
    struct place *places; /* [n + 1] the last ones, a ring */
    uint64_t seen;
    bool at_end;           /* the last call ended a step */
    uint64_t range_offset; /* of the last record of its kind; 0: none */
    uint64_t probe_offset;
};

static void add_step(struct matcher *matcher, struct steps *steps, const struct listener *listener)
{
    const struct place *begin = &matcher->places[(matcher->seen - matcher->n) % (matcher->n + 1)];
    const struct place *end = &matcher->places[matcher->seen % (matcher->n + 1)];
    ARRAY_RESERVE(steps->steps, steps->capacity, steps->n_steps + 1);
    steps->steps[steps->n_steps++] = (struct step){
        .begin_offset = begin->offset + STEP_BEGIN_BEHIND,
        .end_offset = end->offset + STEP_END_BEHIND,
        .begin_ns = begin->ns,
        .end_ns = end->ns,
        .thread = listener->thread,
        .instance = listener->instance,
        .by_calls = true,
        .ranged = matcher->range_offset > begin->offset,
        .complete = true,
        .detailed = steps->detail,
        .timed = steps->timed,
        .probed = matcher->probe_offset > begin->offset,
    };
}

static void match(struct matcher *matcher, const struct symbol *symbol,
                  const struct capture_event *event, struct steps *steps,
                  const struct listener *listener)
{
    matcher->places[++matcher->seen % (matcher->n + 1)] = (struct place){event->offset, event->ns};
    while (matcher->matched && matcher->pattern[matcher->matched] != symbol->hash)
        matcher->matched = matcher->failure[matcher->matched - 1];
    matcher->matched += matcher->pattern[matcher->matched] == symbol->hash;
    matcher->at_end = matcher->matched == matcher->n;
    if (!matcher->at_end)
        return;
    matcher->matched = 0;
    add_step(matcher, steps, listener);
}

/* A free directly behind a call belongs to it. */
static void move_place(struct matcher *matcher, const struct capture_event *event,
                       struct steps *steps)
{
    matcher->places[matcher->seen % (matcher->n + 1)] = (struct place){event->offset, event->ns};
    if (!matcher->at_end)
        return;
    steps->steps[steps->n_steps - 1].end_offset = event->offset + STEP_END_BEHIND;
    steps->steps[steps->n_steps - 1].end_ns = event->ns;
}

static void note(struct matcher *matcher, const struct capture_event *event, struct steps *steps,
                 const struct listener *listener)
{
    const struct gp_record_range *pushed = (const void *)event->payload;
    const struct gp_record_range_start *started = (const void *)event->payload;
    const bool own =
        event->thread == listener->thread &&
        ranges_thread(listener->threads, event->thread)->instance == listener->instance;
    if (event->type == GP_RECORD_DETAIL)
        steps->detail = event->payload[0] != 0;
    else if (event->type == GP_RECORD_TIMED)
        steps->timed = event->payload[0] != 0;
    else if (event->type == GP_RECORD_DEVICE_SAMPLE &&
             capture_sample(event).moment >= GP_SAMPLE_BEFORE_CALL)
        matcher->probe_offset = event->offset;
    else if (own && ((event->type == GP_RECORD_RANGE_PUSH &&
                      steps_domain_counts(listener->facts, 0, pushed->domain)) ||
                     (event->type == GP_RECORD_RANGE_START &&
                      steps_domain_counts(listener->facts, 0, started->domain))))
        matcher->range_offset = event->offset;
    else if (own && (event->type == GP_RECORD_FREE ||
                     (event->type == GP_RECORD_THREAD && matcher->seen == 0)))
        move_place(matcher, event, steps);
}

static void find_steps(struct matcher *matcher, struct listener *listener, struct steps *steps,
                       struct capture *capture)
{
    struct capture_event event;
    struct symbol symbol;
    matcher->failure = memory_zeroed(matcher->n, sizeof *matcher->failure);
    matcher->places = memory_zeroed(matcher->n + 1, sizeof *matcher->places);
    period_failure(matcher->pattern, matcher->n, matcher->failure);
    listen_again(listener, steps, capture);
    while (capture_next(capture, &event)) {
        if (listen(listener, &event, &symbol))
            match(matcher, &symbol, &event, steps, listener);
        else
            note(matcher, &event, steps, listener);
    }
    free(matcher->failure);
    free(matcher->places);
}

static size_t computing(const uint8_t *kinds, size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += kinds[i] >= KIND_COMPUTES;
    return found;
}

bool step_period_scan(struct steps *steps, struct facts *facts, struct capture *capture)
{
    struct listener listener = {.facts = facts, .threads = &steps->threads};
    struct window window = {0};
    struct period found = {0, 0, 0};
    ledger_init(&listener.ledger, 0);
    const uint64_t calls = choose_thread(&listener, steps, capture);
    if (calls)
        fill_window(&window, &listener, steps, capture);
    if (window.kinds && window.hashes && period_find(window.hashes, window.n, &found) &&
        found.period > 0) {
        const size_t begin = found.first + choose_begin(window.kinds + found.first, found.period);
        struct matcher matcher = {.pattern = window.hashes + begin, .n = found.period};
        const size_t in_step = computing(window.kinds + begin, found.period);
        find_steps(&matcher, &listener, steps, capture);
        if (steps->n_steps < 3 || 2 * steps->n_steps * in_step < calls)
            steps->n_steps = 0;
    }
    free(window.hashes);
    free(window.kinds);
    ledger_free(&listener.ledger);
    return steps->n_steps > 0;
}
