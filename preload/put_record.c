#include "put_record.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "graphprof/short_form.h"
#include "kinds.h"
#include "threads.h"

/* One event in so many is timed from its begin to its end, and stands for all of them in the
   header's self_ns: a second look at the clock for each would itself be a good part of what is
   measured. Time in a wrapper before the event (some ns) and the growth of the file in other events
   are not in it. */
#define TIMED_ONE_IN 64

/* A record as it is to be written. */
struct form {
    const void *fixed;
    size_t fixed_bytes;
    const void *tail;
    size_t tail_bytes;
    uint64_t delta_max;
    uint32_t kind; /* GP_KIND_NONE: in long form */
};

uint64_t gp_put_since(struct gp_thread *thread, uint64_t now)
{
    const uint64_t since = now - thread->last_ns;
    return atomic_load_explicit(&thread->owed_ns, memory_order_relaxed)
               ? since + atomic_exchange_explicit(&thread->owed_ns, 0, memory_order_relaxed)
               : since;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void gp_put_absolute(struct gp_thread *thread, uint64_t now, enum gp_record_type type,
                     const void *payload, unsigned words)
{
    uint64_t *record = gp_writer_reserve(&gp_writer, 1 + words);
    if (!record)
        return;
    atomic_store_explicit(&thread->owed_ns, 0, memory_order_relaxed);
    memcpy(record + 1, payload, words * sizeof *record);
    gp_writer_commit(record, gp_head(type, 1 + words, thread->index, 0));
    thread->last_ns = now;
}

static unsigned words_of(const struct form *form)
{
    return (unsigned)(1 + (form->fixed_bytes + form->tail_bytes + 7) / 8);
}

/* The record's kind if it has one that is known, its short form into *parts. */
static uint32_t find_kind(enum gp_record_type type, const struct form *whole,
                          struct gp_short_form *parts)
{
    return gp_short_form(type, whole->fixed, (unsigned)whole->fixed_bytes / 8, whole->tail,
                         (unsigned)whole->tail_bytes / 8, parts)
               ? gp_kind_of(type, parts->kind)
               : GP_KIND_NONE;
}

/* Room for the record in the shorter of its two forms that the time since the thread's last one
   allows; NULL if there is none. */
static uint64_t *reserve(struct gp_thread *thread, uint64_t now, const struct form *whole,
                         const struct form *brief, const struct form **chosen, uint32_t *delta)
{
    for (;;) {
        uint64_t since =
            now - thread->last_ns + atomic_load_explicit(&thread->owed_ns, memory_order_relaxed);
        if (since > UINT32_MAX) {
            const struct gp_record_time time = {now};
            gp_put_absolute(thread, now, GP_RECORD_TIME, &time, sizeof time / 8);
            since = 0;
        }
        *chosen = brief->kind != GP_KIND_NONE && since <= brief->delta_max ? brief : whole;
        uint64_t *record = gp_writer_reserve(&gp_writer, words_of(*chosen));
        if (!record)
            return NULL;
        since = gp_put_since(thread, now);
        *delta = (uint32_t)since;
        if (since <= (*chosen)->delta_max)
            return record;
        /* What is owed has grown until there was room. */
        gp_writer_commit(record, gp_head(GP_RECORD_VOID, words_of(*chosen), thread->index, 0));
        atomic_fetch_add_explicit(&thread->owed_ns, since - (now - thread->last_ns),
                                  memory_order_relaxed);
    }
}

bool gp_put(enum gp_record_type type, const void *fixed, size_t fixed_bytes, const void *tail,
            size_t tail_bytes)
{
    struct gp_thread *thread = gp_thread_self();
    struct gp_short_form parts;
    const struct form whole = {fixed, fixed_bytes, tail, tail_bytes, UINT32_MAX, GP_KIND_NONE};
    const struct form *form;
    uint32_t delta;
    if (!thread) {
        gp_writer_lose(&gp_writer);
        return false;
    }
    const uint32_t kind = find_kind(type, &whole, &parts); /* may write a record of its own */
    const struct form brief = {parts.own,
                               kind == GP_KIND_NONE ? 0 : parts.n_own * sizeof parts.own[0],
                               NULL,
                               0,
                               GP_SHORT_DELTA_MAX,
                               kind};
    const uint64_t now = now_ns();
    uint64_t *record = reserve(thread, now, &whole, &brief, &form, &delta);
    if (!record)
        return false;
    unsigned char *payload = (unsigned char *)(record + 1);
    memcpy(payload, form->fixed, form->fixed_bytes);
    if (form->tail_bytes)
        memcpy(payload + form->fixed_bytes, form->tail, form->tail_bytes);
    gp_writer_commit(record, form == &brief
                                 ? gp_short_head(type, words_of(form), thread->index, delta, kind)
                                 : gp_head(type, words_of(form), thread->index, delta));
    thread->last_ns = now;
    if (++thread->events % TIMED_ONE_IN == 0)
        atomic_fetch_add_explicit((_Atomic uint64_t *)&gp_writer_header(&gp_writer)->self_ns,
                                  (now_ns() - now) * TIMED_ONE_IN, memory_order_relaxed);
    return true;
}
