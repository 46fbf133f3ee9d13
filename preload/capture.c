#include "capture.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "capture_preamble.h"
#include "cuda_inject.h"
#include "emit.h"
#include "lifecycle.h"
#include "message.h"
#include "nvtx_inject.h"
#include "options.h"
#include "threads.h"

#define OPENING_PATIENCE_S 1

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

struct gp_writer gp_writer;

static _Atomic uint32_t never;
_Atomic uint32_t *_Atomic gp_capture_live = &never;

enum {
    NEW,
    OPEN,
    OFF
};
static atomic_int state;
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

/* A word that a child finds to be 0, also one made by a bare clone() that no atfork handler sees.
 */
static _Atomic uint32_t *make_live_word(void)
{
    static _Atomic uint32_t fallback;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *word = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (word == MAP_FAILED)
        return &fallback;
    madvise(word, page, MADV_WIPEONFORK); /* before Linux 4.14 the atfork handler alone does it */
    return word;
}

static void open_capture(void)
{
    const struct gp_options *options = gp_options();
    char file[64] = GP_CAPTURE_FILE_NAME;
    /* Ranks that share a folder would replace one another's file where one ends before another
     * begins. */
    if (options->out_is_shared)
        snprintf(file, sizeof file, "capture." GP_RANK_FORMAT ".gpcap", options->rank.rank);
    const int error =
        options->out[0] ? gp_writer_open_as(&gp_writer, options->out, file) : ENAMETOOLONG;
    if (error) {
        gp_message("cannot record: GRAPHPROF_OUT folder '%s': %s", options->out, strerror(error));
        atomic_store(&state, OFF);
        return;
    }
    gp_options_complain();
    gp_nvtx_complain();
    gp_cuda_complain();
    gp_preamble_write();
    _Atomic uint32_t *live = make_live_word();
    atomic_store_explicit(live, 1, memory_order_release);
    atomic_store_explicit(&gp_capture_live, live, memory_order_release);
    atomic_store(&state, OPEN);
    if (options->verbose >= 1)
        gp_message("recording to '%s'", gp_writer.path);
}

bool gp_capture_open_slow(void)
{
    if (atomic_load(&state) == OFF)
        return false;
    gp_lifecycle_start();
    pthread_mutex_lock(&opening);
    if (atomic_load(&state) == NEW)
        open_capture();
    pthread_mutex_unlock(&opening);
    /* Open and not live: this is a child. */
    if (atomic_load(&state) == OPEN && !gp_capture_is_open())
        atomic_store(&state, OFF);
    return gp_capture_is_open();
}

bool gp_capture_is_over(void) { return atomic_load(&state) == OFF; }

/* Lets a thread that is opening the capture finish, so that it is closed like any other; one that
   was not opened by now is not opened any more, for nothing would close it. Not for ever: a signal
   handler that calls exit may have interrupted that very thread. */
static void end_opening(void)
{
    int new = NEW;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += OPENING_PATIENCE_S;
    if (pthread_mutex_timedlock(&opening, &until) != 0)
        return;
    atomic_compare_exchange_strong(&state, &new, OFF);
    pthread_mutex_unlock(&opening);
}

const char *gp_capture_close(void)
{
    if (atomic_load(&state) != OFF)
        end_opening();
    if (!gp_capture_is_open())
        return NULL;
    atomic_store(&state, OFF);
    atomic_store_explicit(atomic_load(&gp_capture_live), 0, memory_order_release);
    gp_emit_close(); /* other threads may still end records that they began */
    gp_writer_close(&gp_writer);
    const struct gp_capture_header *header = gp_writer_header(&gp_writer);
    if (header->flags & GP_CAPTURE_TRUNCATED)
        gp_message("the capture '%s' ends early: no room for it to grow; %llu events are missing",
                   gp_writer.path, (unsigned long long)header->events_lost);
    else if (gp_options()->verbose >= 1)
        gp_message("recorded to '%s'", gp_writer.path);
    return gp_writer.path;
}

void gp_capture_abandon(void)
{
    const int before = atomic_exchange(&state, OFF);
    atomic_store_explicit(atomic_load(&gp_capture_live), 0, memory_order_release);
    if (before == OPEN)
        gp_writer_abandon(&gp_writer);
}
