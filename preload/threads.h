/*
 * Threads of the program: an index for each that records, given back when it ends, and what the
 * recorder keeps of it. Indexes are used again, so memory is bounded by the threads alive at once.
 */
#ifndef GRAPHPROF_THREADS_H
#define GRAPHPROF_THREADS_H

#include <stdatomic.h>
#include <stdint.h>

#define GP_DOMAINS_MAX 64 /* NVTX domains, the default one (0) included */

/* The open NVTX ranges of one domain. Bit i of a mask is the range at level i. */
struct gp_range_stack {
    int32_t depth;
    uint64_t recorded; /* its push stands in the capture */
    uint64_t step;     /* it is a step */
};
#define GP_RECORDED_LEVELS 64 /* ranges nested deeper are not recorded */

struct gp_thread {
    uint32_t index;
    uint32_t events;          /* for the sampling of the recorder's own time */
    uint64_t last_ns;         /* time of its last record, CLOCK_MONOTONIC */
    _Atomic uint64_t owed_ns; /* from its last record that was not taken back to that time */
    uint32_t steps_open;      /* step ranges that are open in this thread */
    uint64_t step_calls;      /* of GRAPHPROF_STEP_EVERY made in it */
    uint64_t step_range;      /* the range that they have open; 0: none */
    struct gp_range_stack ranges[GP_DOMAINS_MAX];
};

extern _Thread_local struct gp_thread *gp_thread_own __attribute__((tls_model("initial-exec")));

/* Once, before any thread is attached. */
void gp_threads_start(void);

/* Attaches the calling thread and writes its THREAD record; NULL if GP_THREADS_MAX are alive. */
struct gp_thread *gp_thread_attach(void);

/* The last records of the thread with that index, which took so long, were taken back: its next
   record's time counts from before them. While the capture is frozen. */
void gp_thread_owe(uint32_t index, uint64_t ns);

/* The calling thread. */
static inline struct gp_thread *gp_thread_self(void)
{
    return gp_thread_own ? gp_thread_own : gp_thread_attach();
}

#endif
