#include "step_fold.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "outer_blocks.h"
#include "put_record.h"
#include "sign.h"
#include "step_filter.h"
#include "step_take_back.h"
#include "step_walk.h"
#include "threads.h"

#define LIKE_MAX     512u  /* kinds of steps that are told apart; what comes behind is known */
#define DONE_MAX     1024u /* steps that others may repeat */
#define LISTS_MAX    1024u /* of addresses */
#define ORDERS_MAX   64u   /* in which steps free what the step before left live */
#define ORDER_LEAST  8u    /* blocks: naming an order takes as much as the addresses of so few */
#define FAILURES_MAX 16u   /* steps in turn that could not be judged */
#define YIELDS       200u  /* for a record that another thread has begun */
#define CHUNK        (UINT64_C(4) << 20)
#define REPEAT_WORDS (1 + sizeof(struct gp_record_repeat) / 8)
#define MARK_BYTES   ((REPEAT_WORDS + 2) * sizeof(uint64_t)) /* and a TIME record before it */

/* All of it belongs to who has `busy`, which is never waited for. */
static atomic_flag busy = ATOMIC_FLAG_INIT;
static bool off;
static bool sizes_known; /* of what was allocated before steps were judged */
static unsigned failures;
static struct gp_step_walk walk;
static bool walking; /* the step that is open has a REPEAT record, at walk.from - REPEAT_WORDS */
static bool open_is_chosen;
static uint64_t highest;
static uint64_t rest_at, rest_end; /* what was not read of the step before */

static uint64_t like[LIKE_MAX];
static unsigned n_like;
static struct done {
    uint64_t shape;
    uint64_t addresses;
    uint32_t place; /* of its REPEAT record */
} done[DONE_MAX];
static unsigned n_done; /* ever entered: the oldest give way, here and below */
static struct list {
    uint64_t addresses;
    struct gp_step_list list;
} lists[LISTS_MAX];
static unsigned n_lists;
static struct order {
    uint64_t sign;
    uint32_t place; /* of its ORDER record */
} orders[ORDERS_MAX];
static unsigned n_orders;
static struct gp_step_list list_before; /* of the step before, where it has one */

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Nothing may be looked at from there on. */
static uint64_t mapped(void)
{
    return atomic_load_explicit(&gp_writer.mapped, memory_order_acquire);
}

static bool walk_to(uint64_t end)
{
    for (unsigned i = 0; !gp_step_walk_to(&walk, gp_writer.base, end); i++) {
        if (i == YIELDS)
            return false;
        sched_yield();
    }
    return true;
}

static bool is_like_none(uint64_t sign)
{
    for (unsigned i = 0; i < n_like; i++)
        if (like[i] == sign)
            return false;
    if (n_like == LIKE_MAX)
        return false;
    like[n_like++] = sign;
    return true;
}

/* The step that did the same, with the same addresses if there is one; NULL if none is known. */
static const struct done *find_done(const struct gp_step_signs *signs)
{
    const struct done *found = NULL;
    const unsigned n = n_done < DONE_MAX ? n_done : DONE_MAX;
    for (unsigned i = 0; i < n; i++) {
        if (done[i].shape != signs->shape)
            continue;
        if (done[i].addresses == signs->addresses)
            return &done[i];
        if (!found)
            found = &done[i];
    }
    return found;
}

static void enter_done(const struct gp_step_signs *signs, uint64_t place)
{
    done[n_done++ % DONE_MAX] = (struct done){signs->shape, signs->addresses, (uint32_t)place};
}

/* The place of an ORDER record with these numbers; GP_PLACE_OWN if none is known. */
static uint32_t find_order(uint64_t sign)
{
    const unsigned n = n_orders < ORDERS_MAX ? n_orders : ORDERS_MAX;
    for (unsigned i = 0; i < n; i++)
        if (orders[i].sign == sign)
            return orders[i].place;
    return GP_PLACE_OWN;
}

/* One that is known, or else the step's own: without what it freed, if that is what the step before
   left, which stands in its list. */
static struct gp_step_list choose_list(uint64_t addresses, uint64_t *order_sign)
{
    const unsigned n = n_lists < LISTS_MAX ? n_lists : LISTS_MAX;
    struct gp_step_list own = {.place = GP_PLACE_OWN};
    const uint64_t *order;
    for (unsigned i = 0; i < n; i++)
        if (lists[i].addresses == addresses)
            return lists[i].list;
    const unsigned n_freed = list_before.place ? gp_outer_order(list_before.is_left, &order) : 0;
    if (n_freed < ORDER_LEAST)
        return own;
    *order_sign = gp_sign_of(order, n_freed);
    own.is_left = true;
    own.before = list_before.place;
    own.before_is_left = list_before.is_left;
    own.order = find_order(*order_sign);
    return own;
}

/* `list`: which it has then. */
static uint64_t take_back(const struct done *of, const struct gp_step_signs *signs, uint64_t end,
                          struct gp_step_list *list)
{
    uint64_t order_sign = 0;
    struct gp_step_list chosen = {0};
    if (of && of->addresses != signs->addresses)
        chosen = choose_list(signs->addresses, &order_sign);
    const bool is_own = chosen.place == GP_PLACE_OWN, has_order = chosen.order == GP_PLACE_OWN;
    const uint64_t new_end = gp_step_take_back(&walk, gp_writer.base, end, mapped(),
                                               of ? of->place : GP_REPEAT_OUTLINE, &chosen);
    if (new_end == end)
        return end;
    if (is_own)
        lists[n_lists++ % LISTS_MAX] = (struct list){signs->addresses, chosen};
    if (has_order)
        orders[n_orders++ % ORDERS_MAX] = (struct order){order_sign, chosen.order};
    *list = chosen;
    return new_end;
}

/* Judges the step that was read up to `end`, where the capture is frozen, and takes it back if need
   be. Returns where the next record is to stand. */
static uint64_t judge(uint64_t end, struct gp_step_list *list)
{
    const uint64_t place = walk.from / 8 - REPEAT_WORDS;
    const struct gp_step_signs signs = gp_step_walk_signs();
    const bool is_new = is_like_none(signs.like);
    const bool is_higher = walk.peak > highest;
    const bool can_repeat = walk.repeatable && place < GP_REPEAT_OUTLINE - REPEAT_WORDS;
    const struct done *known = can_repeat ? find_done(&signs) : NULL;
    if (is_higher)
        highest = walk.peak;
    if (!open_is_chosen && !((is_new || is_higher) && gp_step_filter_has_room(end)))
        end = take_back(known, &signs, end, list);
    if (can_repeat && !known)
        enter_done(&signs, place);
    return end;
}

/* Writes the REPEAT record of the step that begins, frozen, at `at`; returns its end. */
static uint64_t mark(struct gp_thread *thread, uint64_t at)
{
    uint64_t *record = (uint64_t *)(void *)(gp_writer.base + at);
    const uint64_t now = now_ns();
    uint64_t since = gp_put_since(thread, now);
    if (since > UINT32_MAX) {
        record[1] = now;
        gp_writer_commit(record, gp_head(GP_RECORD_TIME, 2, thread->index, 0));
        atomic_fetch_add_explicit(&gp_writer.records, 1, memory_order_relaxed);
        since = 0;
        at += 2 * sizeof *record;
        record += 2;
    }
    gp_writer_commit(record,
                     gp_head(GP_RECORD_REPEAT, REPEAT_WORDS, thread->index, (uint32_t)since));
    atomic_fetch_add_explicit(&gp_writer.records, 1, memory_order_relaxed);
    thread->last_ns = now;
    at += REPEAT_WORDS * sizeof *record;
    gp_step_walk_begin(&walk, at, thread->index, now);
    return at;
}

/* Learns the sizes of what lives, from the capture's first record on. */
static void learn_sizes(void)
{
    gp_step_walk_begin(&walk, sizeof(struct gp_capture_header), 0, 0);
    for (bool all = true; all && !sizes_known;) {
        const uint64_t used = gp_writer_used(&gp_writer);
        const uint64_t end = used - walk.at > CHUNK ? walk.at + CHUNK : used;
        all = used <= mapped() && walk_to(end);
        gp_writer_let_go(&gp_writer, walk.at);
        sizes_known = all && end == used;
    }
    sizes_known = true; /* as far as they can be */
    highest = walk.peak;
}

/* What could not be read of the step before, since a record was under way: its blocks are to be
   known. Nothing of the walk's step was read yet. */
static void read_rest(void)
{
    const struct gp_step_walk open = walk;
    if (rest_at == rest_end || rest_end > mapped())
        return;
    gp_step_walk_begin(&walk, rest_at, open.thread, 0);
    walk_to(rest_end);
    rest_at = rest_end = 0;
    gp_step_walk_begin(&walk, open.from, open.thread, open.ns);
}

static bool next(struct gp_thread *thread, bool chosen)
{
    uint64_t used;
    if (!sizes_known)
        learn_sizes();
    gp_writer_make_ready(&gp_writer);
    read_rest();
    used = gp_writer_used(&gp_writer);
    if (walking && used <= mapped())
        walk_to(used); /* most of it while nobody waits */
    if (!gp_writer_freeze(&gp_writer, &used))
        return false;
    uint64_t end = used;
    struct gp_step_list list = {0};
    bool judged = !walking;
    const bool is_read = walking && used <= mapped() && walk_to(used);
    if (walking && !is_read) {
        rest_at = walk.at;
        rest_end = used;
    }
    if (is_read) {
        /* Steps that are open side by side are never over when the next begins. */
        off = walk.range != GP_RANGE_OVER;
        judged = !off && !walk.odd && gp_step_walk_balanced(walk.thread);
        if (judged)
            end = judge(used, &list);
    }
    list_before = list;
    failures = judged ? 0 : failures + 1;
    off |= failures > FAILURES_MAX;
    walking = !off && end + MARK_BYTES <= mapped();
    if (walking)
        end = mark(thread, end);
    open_is_chosen = chosen;
    gp_writer_thaw(&gp_writer, end);
    return walking;
}

bool gp_step_fold_next(uint64_t step, bool chosen)
{
    if (!gp_capture_is_open() || !gp_step_filter_judges(step, gp_writer_used(&gp_writer)))
        return false;
    struct gp_thread *thread = gp_thread_self();
    if (!thread || atomic_flag_test_and_set_explicit(&busy, memory_order_acquire))
        return false;
    const bool is_judged = !off && next(thread, chosen);
    atomic_flag_clear_explicit(&busy, memory_order_release);
    return is_judged;
}
