#include "step_take_back.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "address_list.h"
#include "capture.h"
#include "graphprof/short_form.h"
#include "kinds.h"
#include "outer_blocks.h"
#include "ranges.h"
#include "threads.h"

/* By thread: from its last record that is kept to where the pass is. */
static uint64_t since[GP_THREADS_MAX];

/* The pool's counters that only rise, as far as they stand in the capture. */
static uint64_t pool_used_high, pool_reserved_high;

struct pass {
    const struct gp_step_walk *walk;
    unsigned char *base;
    bool outline;
    uint64_t at; /* of the record, in the step */
    uint64_t ns; /* its time, if it is the step's thread's */
    uint64_t to; /* where the next one that is kept goes */
    uint64_t room;
    uint64_t kept; /* records */
};

static bool rises(uint64_t *high, uint64_t value)
{
    if (value == UINT64_MAX || value <= *high)
        return false;
    *high = value;
    return true;
}

/* What the driver said is kept; the pool alone is asked behind each step. */
static bool keeps_sample(const uint64_t *payload, unsigned words)
{
    struct gp_record_device_sample sample = {0};
    const size_t bytes = words * sizeof *payload;
    memcpy(&sample, payload, bytes < sizeof sample ? bytes : sizeof sample);
    const bool used = rises(&pool_used_high, sample.pool_used_high_bytes);
    const bool reserved = rises(&pool_reserved_high, sample.pool_reserved_high_bytes);
    return used || reserved || sample.free_bytes != UINT64_MAX;
}

static bool keeps(const struct pass *pass, uint64_t head, const uint64_t *payload, unsigned words)
{
    switch (gp_head_type(head)) {
    case GP_RECORD_CALL:
    case GP_RECORD_VOID:
        return false;
    case GP_RECORD_ALLOC:
    case GP_RECORD_FREE:
    case GP_RECORD_FREE_FAILED:
        return pass->outline;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_POP:
    case GP_RECORD_RANGE_START:
    case GP_RECORD_RANGE_END:
        return !gp_step_walk_balanced(gp_head_thread(head)) ||
               (pass->outline &&
                (pass->at == pass->walk->begin_at || pass->at == pass->walk->end_at));
    case GP_RECORD_MARK: {
        struct gp_record_mark mark;
        memcpy(&mark, payload, sizeof mark);
        return gp_name_again(mark.name).tensor;
    }
    case GP_RECORD_DEVICE_SAMPLE:
        return keeps_sample(payload, words);
    default:
        return true; /* what others refer to, or come late: names, threads, kernels' times */
    }
}

/* Copies a record behind those kept before, in long form where its time no longer fits the short
   one. False if there is no room, or its time cannot be told. `payload` is the long form's. */
static bool keep(struct pass *pass, const uint64_t *record, const uint64_t *payload, unsigned words)
{
    const uint64_t head = *record;
    const enum gp_record_type type = (enum gp_record_type)gp_head_type(head);
    const uint32_t thread = gp_head_thread(head);
    uint64_t delta = since[thread], new_head;
    if (pass->to + (words + 3) * sizeof *record > pass->room)
        return false;
    if (delta > UINT32_MAX) {
        if (thread != pass->walk->thread)
            return false;
        const uint64_t time[] = {gp_head(GP_RECORD_TIME, 2, thread, 0), pass->ns};
        memcpy(pass->base + pass->to, time, sizeof time);
        pass->to += sizeof time;
        pass->kept++;
        delta = 0;
    }
    if (gp_head_is_short(head) && delta <= GP_SHORT_DELTA_MAX) {
        payload = record + 1;
        words = gp_head_words(head) - 1;
        new_head = gp_short_head(type, 1 + words, thread, (uint32_t)delta, gp_head_kind(head));
    } else {
        new_head = gp_head(type, 1 + words, thread, (uint32_t)delta);
    }
    memcpy(pass->base + pass->to, &new_head, sizeof new_head);
    memcpy(pass->base + pass->to + sizeof new_head, payload, words * sizeof *payload);
    pass->to += (1 + words) * sizeof *record;
    pass->kept++;
    since[thread] = 0;
    return true;
}

static bool copy_kept(struct pass *pass, uint64_t end)
{
    uint64_t room[GP_SHORT_PAYLOAD_MAX];
    for (pass->at = pass->walk->from; pass->at < end;) {
        const uint64_t *record = (const uint64_t *)(const void *)(pass->base + pass->at);
        const uint64_t head = *record;
        const uint32_t thread = gp_head_thread(head), type = gp_head_type(head);
        const bool absolute = type == GP_RECORD_TIME || type == GP_RECORD_THREAD;
        unsigned words;
        const uint64_t *payload = gp_kind_long_form(head, record + 1, room, &words);
        since[thread] = absolute ? 0 : since[thread] + gp_head_delta(head);
        if (thread == pass->walk->thread)
            pass->ns = absolute ? record[1] : pass->ns + gp_head_delta(head);
        if (!payload || (keeps(pass, head, payload, words) && !keep(pass, record, payload, words)))
            return false;
        pass->at += gp_head_words(head) * sizeof *record;
    }
    return true;
}

/* Appends a record of a type that has a list of numbers, behind `n_own` words. False if there is no
   room. */
static bool keep_numbers(struct pass *pass, enum gp_record_type type, unsigned n_own,
                         const uint64_t *numbers, unsigned n)
{
    uint64_t *record = (uint64_t *)(void *)(pass->base + pass->to);
    if (pass->room - pass->to < (2 + n_own) * sizeof *record)
        return false;
    const uint64_t most = (pass->room - pass->to) / sizeof *record - 1 - n_own;
    const uint64_t fits = GP_RECORD_WORDS_MAX - 1 - n_own;
    const unsigned words = gp_address_list_write(record + 1 + n_own,
                                                 (unsigned)(most < fits ? most : fits), numbers, n);
    if (words == 0)
        return false;
    *record = gp_head(type, 1 + n_own + words, pass->walk->thread, 0);
    pass->to += (1 + n_own + words) * sizeof *record;
    pass->kept++;
    return true;
}

/* What is the step's own of its list, the first of what is kept. */
static bool keep_list(struct pass *pass, struct gp_step_list *list)
{
    const uint64_t copy = pass->to, *numbers;
    uint64_t *record = (uint64_t *)(void *)(pass->base + copy);
    unsigned n;
    if (list->place != GP_PLACE_OWN)
        return true;
    list->place = (uint32_t)(pass->walk->from / 8);
    if (!list->is_left) {
        n = gp_outer_addresses(&numbers);
        return keep_numbers(pass, GP_RECORD_ADDRESSES, 0, numbers, n);
    }
    n = gp_outer_left(&numbers);
    if (!keep_numbers(pass, GP_RECORD_ADDRESSES_LEFT, 1, numbers, n))
        return false;
    if (list->order == GP_PLACE_OWN) {
        list->order = list->place + (uint32_t)((pass->to - copy) / 8);
        n = gp_outer_order(list->before_is_left, &numbers);
        if (!keep_numbers(pass, GP_RECORD_ORDER, 0, numbers, n))
            return false;
    }
    const struct gp_record_addresses_left places = {list->before, list->order, {0, 0, 0}};
    memcpy(record + 1, &places, sizeof places - sizeof places.left);
    return true;
}

/* One store turns the one state into the other, for whoever reads the file at that moment. */
static void set_state(struct gp_record_repeat *repeat, uint32_t of, uint64_t void_bytes)
{
    const struct gp_record_repeat state = {.of = of, .void_words = (uint32_t)(void_bytes / 8)};
    uint64_t word;
    memcpy(&word, &state, sizeof word);
    /* Not a store: what is written next is not to be seen before it. */
    atomic_exchange_explicit((_Atomic uint64_t *)(void *)repeat, word, memory_order_acq_rel);
}

uint64_t gp_step_take_back(const struct gp_step_walk *walk, unsigned char *base, uint64_t end,
                           uint64_t room, uint32_t of, struct gp_step_list *list)
{
    struct gp_record_repeat *repeat = (void *)(base + walk->from - sizeof *repeat);
    const uint64_t length = end - walk->from;
    /* The copy stands behind a word that stays 0, where a reader of the whole step stops. */
    const uint64_t copy = end + sizeof(uint64_t);
    struct pass pass = {.walk = walk,
                        .base = base,
                        .outline = of == GP_REPEAT_OUTLINE,
                        .to = copy,
                        .room = room,
                        .ns = walk->begin_thread_ns};
    const uint16_t *threads;
    const unsigned n = gp_step_walk_threads(&threads);
    const bool is_copied = copy <= room && keep_list(&pass, list) && copy_kept(&pass, end);
    const uint64_t kept = pass.to - copy;
    const bool gains = is_copied && kept + sizeof(uint64_t) <= length - length / 8;
    if (gains) {
        if (!pass.outline) {
            repeat->begin_ns = walk->begin_ns;
            repeat->end_ns = walk->end_ns;
            repeat->name = walk->name;
            repeat->domain = walk->domain;
            repeat->n_inside = walk->n_inside;
            repeat->n_behind = walk->n_behind;
            repeat->addresses = list->place;
        }
        set_state(repeat, of, copy - walk->from);
        memset(base + walk->from, 0, length);
        memcpy(base + walk->from, base + copy, kept);
        set_state(repeat, of, 0);
        atomic_fetch_sub_explicit(&gp_writer.records, walk->records - pass.kept,
                                  memory_order_relaxed);
    }
    if (pass.to > copy)
        memset(base + copy, 0, kept);
    for (unsigned i = 0; i < n; i++) {
        if (gains && since[threads[i]])
            gp_thread_owe(threads[i], since[threads[i]]);
        since[threads[i]] = 0;
    }
    return gains ? walk->from + kept : end;
}
