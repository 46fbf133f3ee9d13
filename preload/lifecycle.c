/* The only constructor, destructor and atfork handler. */
#include "lifecycle.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture.h"
#include "cuda_inject.h"
#include "depth.h"
#include "device_sample.h"
#include "gpu_time.h"
#include "message.h"
#include "nvtx_inject.h"
#include "options.h"
#include "report_child.h"
#include "resolve.h"
#include "threads.h"

_Thread_local int gp_depth __attribute__((tls_model("initial-exec")));
_Thread_local bool gp_in_memory_call __attribute__((tls_model("initial-exec")));

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char own_path[PATH_MAX];

/* Under that name another copy looks for it (resolve.h). Here it goes by its own, for the other
   would lead to the first copy's. */
static atomic_bool began;
extern atomic_bool graphprof_recorder_began __attribute__((alias("began"), visibility("default")));

static void in_child(void) { gp_capture_abandon(); }

static void start(void)
{
    const char *path = gp_own_path();
    if (gp_resolve_in_other_copy("graphprof_recorder_began")) {
        gp_capture_abandon();
        return;
    }
    atomic_store(&began, true);
    gp_message_start();
    gp_options_read();
    gp_device_sample_start();
    gp_threads_start();
    pthread_atfork(NULL, NULL, in_child);
    if (!path || !realpath(path, own_path))
        own_path[0] = '\0';
    gp_nvtx_claim(own_path[0] ? own_path : NULL);
    gp_cuda_claim(own_path[0] ? own_path : NULL);
}

/* Runs before the handlers that were set earlier and before any library's destructor: CUPTI and the
   driver, which are loaded by now, are still whole. */
static void before_exit(void)
{
    /* A signal handler that calls exit in the middle of a call may have interrupted CUPTI, or us
       with a lock held: nothing is fetched then. */
    if (gp_depth++ == 0)
        gp_gpu_time_finish();
    gp_depth--;
}

void gp_lifecycle_at_exit(void)
{
    /* Without a handler the last records are lost, which the report says. */
    (void)!atexit(before_exit);
}

/* Looking at another copy may make the loader run constructors that had their turn still to come,
   the other's and through it ours: in the middle of start that does nothing. */
void gp_lifecycle_start(void)
{
    static _Thread_local bool starting;
    if (starting)
        return;
    starting = true;
    pthread_once(&once, start);
    starting = false;
}

bool gp_lifecycle_is_idle(void) { return !atomic_load(&began); }

__attribute__((constructor)) static void begin(void)
{
    gp_depth++;
    gp_lifecycle_start();
    gp_depth--;
}

__attribute__((destructor)) static void end(void)
{
    gp_depth++;
    char folder[PATH_MAX];
    const char *capture = gp_capture_close();
    if (capture && gp_options()->report && gp_report_folder(capture, folder, sizeof folder))
        gp_report_child(capture, folder, own_path);
    gp_depth--;
}
