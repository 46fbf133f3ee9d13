#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emit.h"
#include "graphprof/capture_format.h"
#include "step_calls.h"

_Thread_local struct gp_thread *gp_thread_own __attribute__((tls_model("initial-exec")));

/* Never touched for an index that was never given: the pages cost nothing. */
static struct gp_thread threads[GP_THREADS_MAX];
static _Atomic uint64_t taken[GP_THREADS_MAX / 64];

static pthread_key_t key;
static bool have_key;

static void give_back(void *value)
{
    struct gp_thread *thread = value;
    gp_step_calls_leave(thread);
    gp_thread_own = NULL; /* a later destructor of this thread that calls CUDA attaches it anew */
    atomic_fetch_and_explicit(&taken[thread->index / 64], ~(UINT64_C(1) << thread->index % 64),
                              memory_order_release);
}

void gp_threads_start(void) { have_key = pthread_key_create(&key, give_back) == 0; }

static struct gp_thread *take(void)
{
    for (unsigned i = 0; i < GP_THREADS_MAX / 64; i++) {
        uint64_t mask = atomic_load_explicit(&taken[i], memory_order_relaxed);
        while (~mask) {
            const unsigned bit = (unsigned)__builtin_ctzll(~mask);
            if (atomic_compare_exchange_weak_explicit(&taken[i], &mask, mask | UINT64_C(1) << bit,
                                                      memory_order_acquire, memory_order_relaxed)) {
                struct gp_thread *thread = &threads[i * 64 + bit];
                memset(thread, 0, sizeof *thread);
                thread->index = i * 64 + bit;
                return thread;
            }
        }
    }
    return NULL;
}

struct gp_thread *gp_thread_attach(void)
{
    struct gp_thread *thread = take();
    if (!thread)
        return NULL;
    gp_thread_own = thread;
    if (have_key)
        pthread_setspecific(key, thread);
    gp_emit_thread(thread, (uint64_t)syscall(SYS_gettid));
    return thread;
}

void gp_thread_owe(uint32_t index, uint64_t ns)
{
    atomic_fetch_add_explicit(&threads[index].owed_ns, ns, memory_order_relaxed);
}
