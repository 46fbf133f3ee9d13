#include "step_walk.h"

#include <stdatomic.h>
#include <string.h>

#include "block_table.h"
#include "graphprof/short_form.h"
#include "kinds.h"
#include "outer_blocks.h"
#include "ranges.h"
#include "sign.h"

static struct {
    uint64_t like;
    uint64_t shape;
    uint32_t allocations;
    uint64_t open_sum; /* of ranges that began less those that ended, each by a number of its own */
    int32_t open;
    bool unbalanced;
    bool seen;
} threads[GP_THREADS_MAX];
static uint16_t seen[GP_THREADS_MAX];
static unsigned n_seen;

static uint64_t order; /* in which the threads allocated and freed */
static uint64_t live;
static uint32_t step; /* number of the walk, for the blocks */

void gp_step_walk_begin(struct gp_step_walk *walk, uint64_t from, uint32_t thread, uint64_t ns)
{
    for (unsigned i = 0; i < n_seen; i++)
        memset(&threads[seen[i]], 0, sizeof threads[0]);
    n_seen = 0;
    gp_outer_begin();
    order = 0;
    step++;
    *walk = (struct gp_step_walk){
        .from = from, .at = from, .thread = thread, .begin_thread_ns = ns, .ns = ns};
    walk->peak = live;
    walk->repeatable = true;
}

/* `what`: function, device and space; `more`: what only the shape has of it. */
static void note(struct gp_step_walk *walk, uint32_t thread, uint64_t what, uint64_t size,
                 uint64_t more)
{
    threads[thread].like = gp_sign_chain(gp_sign_chain(threads[thread].like, what), size);
    threads[thread].shape =
        gp_sign_chain(gp_sign_chain(gp_sign_chain(threads[thread].shape, what), size), more);
    order = gp_sign_chain(order, thread);
    if (walk->range == GP_RANGE_OVER)
        walk->n_behind++;
    else
        walk->n_inside++;
}

static void take_alloc(struct gp_step_walk *walk, uint32_t thread, const uint64_t *payload)
{
    struct gp_record_alloc alloc;
    memcpy(&alloc, payload, sizeof alloc);
    struct gp_block *block = gp_block_at(alloc.address, alloc.space == GP_SPACE_BLOCK);
    walk->repeatable &= alloc.space != GP_SPACE_PHYSICAL; /* a handle is no address */
    if (!block) {
        walk->odd = true;
        return;
    }
    if (block->size & 1) { /* its free was not seen */
        walk->repeatable = false;
        live -= block->size / 2;
    }
    live += alloc.bytes;
    if (live > walk->peak)
        walk->peak = live;
    *block = (struct gp_block){.key = block->key,
                               .size = alloc.bytes << 1 | 1,
                               .step = step,
                               .thread = thread,
                               .ordinal = ++threads[thread].allocations,
                               .outer = gp_outer_made(alloc.address)};
    walk->repeatable &= block->outer != GP_NOT_OUTER;
    note(walk, thread,
         (uint64_t)GP_RECORD_ALLOC << 48 | (uint64_t)alloc.api << 16 | (uint64_t)alloc.device << 8 |
             alloc.space,
         block->size, alloc.stream);
}

static void take_free(struct gp_step_walk *walk, uint32_t thread, const uint64_t *payload)
{
    struct gp_record_free gone;
    memcpy(&gone, payload, sizeof gone);
    struct gp_block *block = gp_block_at(gone.address, gone.space == GP_SPACE_BLOCK);
    walk->repeatable &= gone.space != GP_SPACE_PHYSICAL;
    if (!block) {
        walk->odd = true;
        return;
    }
    const bool is_live = block->size & 1;
    const uint64_t size = is_live ? block->size : 0;
    uint64_t made_by = 0;
    if (is_live && block->step == step) {
        made_by = (uint64_t)(block->thread + 1) << 32 | block->ordinal;
        gp_outer_gone(block->outer);
    } else {
        const bool is_of_before = is_live && block->step && block->step == step - 1;
        walk->repeatable &=
            gp_outer_freed(gone.address, is_of_before ? block->outer : GP_NOT_OUTER);
    }
    live -= size / 2;
    block->size &= ~UINT64_C(1);
    block->step = 0;
    note(walk, thread,
         (uint64_t)GP_RECORD_FREE << 48 | (uint64_t)gone.api << 16 | (uint64_t)gone.device << 8 |
             gone.space,
         size, gp_sign_chain(made_by, gone.stream));
}

/* How large it was is still known: it was noted, and no other took its place. */
static void take_free_failed(struct gp_step_walk *walk, const uint64_t *payload)
{
    struct gp_block *block = gp_block_at(payload[0], false);
    walk->repeatable = false;
    if (!block || block->size & 1)
        return;
    live += block->size / 2;
    block->size |= 1;
}

static void take_open(uint32_t thread, bool begins, uint64_t number)
{
    threads[thread].open += begins ? 1 : -1;
    threads[thread].open_sum += begins ? gp_sign_mix(number) : -gp_sign_mix(number);
    threads[thread].unbalanced |= threads[thread].open < 0;
}

static void take_pushed(struct gp_step_walk *walk, uint32_t thread, bool begins,
                        const struct gp_record_range *range)
{
    take_open(thread, begins, UINT64_C(1) << 63 | range->domain);
    if (thread != walk->thread)
        return;
    if (begins && walk->range == GP_RANGE_NOT_BEGUN) {
        walk->range = GP_RANGE_OPEN;
        walk->name = range->name;
        walk->domain = range->domain;
        walk->begin_at = walk->at;
        walk->begin_ns = walk->ns;
    }
    if (walk->range != GP_RANGE_OPEN || walk->started || range->domain != walk->domain)
        return;
    walk->depth += begins ? 1 : -1;
    if (walk->depth == 0) {
        walk->range = GP_RANGE_OVER;
        walk->end_at = walk->at;
        walk->end_ns = walk->ns;
    }
}

static void take_started(struct gp_step_walk *walk, uint32_t thread, bool begins,
                         const struct gp_record_range_start *range)
{
    take_open(thread, begins, range->range);
    if (begins && thread == walk->thread && walk->range == GP_RANGE_NOT_BEGUN) {
        walk->range = GP_RANGE_OPEN;
        walk->started = true;
        walk->id = range->range;
        walk->name = range->name;
        walk->domain = range->domain;
        walk->begin_at = walk->at;
        walk->begin_ns = walk->ns;
    } else if (!begins && walk->range == GP_RANGE_OPEN && walk->started &&
               range->range == walk->id) {
        walk->range = GP_RANGE_OVER;
        walk->end_at = walk->at;
        walk->end_ns = walk->ns;
        walk->odd |= thread != walk->thread; /* whose clock is not known */
    }
}

static void take(struct gp_step_walk *walk, uint32_t thread, enum gp_record_type type,
                 const uint64_t *payload)
{
    switch (type) {
    case GP_RECORD_ALLOC:
        take_alloc(walk, thread, payload);
        break;
    case GP_RECORD_FREE:
        take_free(walk, thread, payload);
        break;
    case GP_RECORD_FREE_FAILED:
        take_free_failed(walk, payload);
        break;
    case GP_RECORD_MARK: /* a tensor's mark names an address */
        walk->repeatable &=
            !gp_name_again(((const struct gp_record_mark *)(const void *)payload)->name).tensor;
        break;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_POP:
        take_pushed(walk, thread, type == GP_RECORD_RANGE_PUSH, (const void *)payload);
        break;
    case GP_RECORD_RANGE_START:
    case GP_RECORD_RANGE_END:
        take_started(walk, thread, type == GP_RECORD_RANGE_START, (const void *)payload);
        break;
    case GP_RECORD_GRAPH: /* gives out memory itself, or takes it back, among allocations and frees
                           */
    case GP_RECORD_GRAPH_MEMORY:
    case GP_RECORD_GRAPH_NODE:
    case GP_RECORD_MAP:
        walk->repeatable = false;
        break;
    case GP_RECORD_DEVICE_RESET:
    case GP_RECORD_DETAIL:
    case GP_RECORD_REPEAT:
    case GP_RECORD_CLOSE:
        walk->odd = true;
        break;
    default:
        break;
    }
}

bool gp_step_walk_to(struct gp_step_walk *walk, const unsigned char *base, uint64_t end)
{
    uint64_t room[GP_SHORT_PAYLOAD_MAX];
    unsigned words;
    while (walk->at < end) {
        const uint64_t *record = (const uint64_t *)(const void *)(base + walk->at);
        const uint64_t head =
            atomic_load_explicit((const _Atomic uint64_t *)record, memory_order_acquire);
        if (head == 0)
            return false;
        const uint32_t thread = gp_head_thread(head);
        const enum gp_record_type type = (enum gp_record_type)gp_head_type(head);
        if (!threads[thread].seen) {
            threads[thread].seen = true;
            seen[n_seen++] = (uint16_t)thread;
        }
        if (thread == walk->thread)
            walk->ns = type == GP_RECORD_TIME || type == GP_RECORD_THREAD
                           ? record[1]
                           : walk->ns + gp_head_delta(head);
        const uint64_t *payload = gp_kind_long_form(head, record + 1, room, &words);
        if (payload)
            take(walk, thread, type, payload);
        walk->odd |= !payload;
        walk->records++;
        walk->at += gp_head_words(head) * sizeof head;
    }
    return true;
}

struct gp_step_signs gp_step_walk_signs(void)
{
    struct gp_step_signs signs = {0, 0, 0};
    unsigned n_threads = 0;
    const uint64_t *addresses;
    const unsigned n = gp_outer_addresses(&addresses);
    for (unsigned i = 0; i < n_seen; i++) {
        const uint32_t thread = seen[i];
        if (!threads[thread].shape)
            continue;
        n_threads++;
        signs.like += gp_sign_mix(threads[thread].like);
        signs.shape += gp_sign_chain(threads[thread].shape, thread);
    }
    /* Where one thread may take the memory that another has freed, their order counts. */
    if (n_threads > 1 && n > 0)
        signs.shape = gp_sign_chain(signs.shape, order);
    signs.addresses = gp_sign_of(addresses, n);
    return signs;
}

bool gp_step_walk_balanced(uint32_t thread)
{
    return !threads[thread].unbalanced && threads[thread].open == 0 &&
           threads[thread].open_sum == 0;
}

unsigned gp_step_walk_threads(const uint16_t **indexes)
{
    *indexes = seen;
    return n_seen;
}
