/*
 * The open ranges of each thread, as the program's NVTX calls left them. Push/pop ranges form a
 * stack a domain; start/end ranges may end in any order and from any thread, and lie on the stack
 * of the thread that started them. One list a thread holds both, in order of begin.
 */
#ifndef ANALYSIS_REPLAY_RANGES_H
#define ANALYSIS_REPLAY_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
    uint64_t begin_ns;
    uint64_t id;     /* of a start/end range */
    uint64_t serial; /* unique among all ranges ever begun, from 1 */
    uint32_t name;   /* canonical string id */
    uint32_t domain;
    uint32_t node;      /* replay: the path that it ends */
    int32_t step;       /* steps: index of the candidate that it is, -1 none */
    bool started;       /* start/end rather than push/pop */
    bool matches;       /* its name is a step's */
    bool is_node;       /* replay: its domain makes nodes */
    bool entered;       /* replay: its node has begun in the current step */
    uint64_t out_bytes; /* account: made or written during this call and not freed in it */
};

struct range_thread {
    struct range *ranges;
    size_t n_ranges;
    size_t capacity;
    size_t n_started;
    uint32_t instance;   /* which of the threads that bore this index, from 0 */
    uint64_t charged_ns; /* replay: until when its time is accounted for */
    void *pending;       /* replay: the allocation that it freed last, until that is settled, */
    uint64_t released;   /* or the handle, not known, that it released last; else 0 */
};

struct range_threads {
    struct range_thread *threads; /* by the capture's thread index */
    size_t n_threads;
    size_t capacity;
    uint64_t last_serial;
    uint32_t last_instance;
    uint64_t unmatched; /* pops and ends without a begin */
};

/* Makes room for the thread with that index. */
void ranges_add_thread(struct range_threads *all, uint32_t thread);

/* The thread with that index. */
static inline struct range_thread *ranges_thread(struct range_threads *all, uint32_t thread)
{
    if (thread >= all->n_threads)
        ranges_add_thread(all, thread);
    return &all->threads[thread];
}

/* A new thread bears the index: ranges that the old one left open are dropped. */
void ranges_thread_begins(struct range_threads *all, uint32_t thread);

/* Adds a range at the top. It stays valid until the next push in that thread. */
struct range *ranges_push(struct range_threads *all, uint32_t thread, uint32_t name,
                          uint32_t domain);

/* The range that a pop in the domain ends, or NULL (counted). */
struct range *ranges_to_pop(struct range_threads *all, uint32_t thread, uint32_t domain);

/* The range that an end ends, and its thread, or NULL (counted). */
struct range *ranges_to_end(struct range_threads *all, uint64_t id, uint32_t *thread);

void ranges_remove(struct range_threads *all, uint32_t thread, struct range *range);

/* Forgets every range and thread. */
void ranges_clear(struct range_threads *all);

#endif
