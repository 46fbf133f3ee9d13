#include "ranges.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "capture.h"
#include "device_sample.h"
#include "emit.h"
#include "event_time.h"
#include "gpu_time.h"
#include "graphprof/node_name.h"
#include "message.h"
#include "step_changes.h"
#include "step_filter.h"
#include "step_fold.h"
#include "string_table.h"
#include "threads.h"

#define UNNAMED         "(unnamed)"
#define DOMAIN_NAME_MAX 128
#define NAMES_KNOWN     65536u

/* What else is known of a name, by its id, for names that come again as an id alone. */
enum {
    STEP = 1,
    TENSOR = 2
};
static _Atomic uint8_t name_kinds[NAMES_KNOWN];

/* Names stay where they are; `n_domains` is raised after the name stands. */
static struct {
    char name[DOMAIN_NAME_MAX];
    _Atomic uint32_t id; /* string id, 0 until it is used */
} domains[GP_DOMAINS_MAX];
static atomic_uint n_domains = 1;
static pthread_mutex_t adding_domain = PTHREAD_MUTEX_INITIALIZER;

static atomic_uint_fast64_t ranges_started;

struct gp_name gp_name_of(const char *bytes, unsigned length)
{
    char text[256]; /* what the patterns are matched against: no step's name is longer */
    const size_t prefix = strlen(GP_MARK_TENSOR_PREFIX);
    struct gp_name name = {0, false, false};
    if (length == 0) {
        bytes = UNNAMED;
        length = (unsigned)strlen(UNNAMED);
    }
    name.id = gp_string_bytes(bytes, length);
    if (length < sizeof text) {
        memcpy(text, bytes, length);
        text[length] = '\0';
        name.step = gp_step_filter_is_step(name.id, text);
    }
    name.tensor = length >= prefix && memcmp(bytes, GP_MARK_TENSOR_PREFIX, prefix) == 0;
    if (name.id < NAMES_KNOWN)
        atomic_store_explicit(&name_kinds[name.id],
                              (uint8_t)((name.step ? STEP : 0) | (name.tensor ? TENSOR : 0)),
                              memory_order_relaxed);
    return name;
}

struct gp_name gp_name_again(uint32_t id)
{
    if (id == 0)
        return gp_name_of("", 0);
    const uint8_t kinds =
        id < NAMES_KNOWN ? atomic_load_explicit(&name_kinds[id], memory_order_relaxed) : 0;
    return (struct gp_name){id, kinds & STEP, kinds & TENSOR};
}

static unsigned find_domain(const char *name, unsigned n)
{
    unsigned i = 1;
    while (i < n && strncmp(domains[i].name, name, DOMAIN_NAME_MAX - 1) != 0)
        i++;
    return i;
}

unsigned gp_domain(const char *name)
{
    unsigned n = atomic_load_explicit(&n_domains, memory_order_acquire);
    unsigned domain = find_domain(name, n);
    if (domain < n)
        return domain;
    pthread_mutex_lock(&adding_domain);
    n = atomic_load_explicit(&n_domains, memory_order_relaxed);
    domain = find_domain(name, n);
    if (domain == n && n < GP_DOMAINS_MAX) {
        strncpy(domains[n].name, name, DOMAIN_NAME_MAX - 1);
        atomic_store_explicit(&n_domains, n + 1, memory_order_release);
    }
    pthread_mutex_unlock(&adding_domain);
    if (domain == GP_DOMAINS_MAX)
        gp_message("more than %d NVTX domains: the ranges of '%s' are not recorded",
                   GP_DOMAINS_MAX - 1, name);
    return domain;
}

static uint32_t domain_id(unsigned domain)
{
    if (domain == 0)
        return 0;
    uint32_t id = atomic_load_explicit(&domains[domain].id, memory_order_relaxed);
    if (id == 0) {
        id = gp_string(domains[domain].name);
        atomic_store_explicit(&domains[domain].id, id, memory_order_relaxed);
    }
    return id;
}

/* Counts a step, and switches detail on or off before its PUSH or START is written. */
static void begin_step(void)
{
    const uint64_t step = gp_step_filter_next();
    const bool chosen = gp_step_filter_chooses(step, gp_writer_used(&gp_writer));
    const bool judged = gp_step_fold_next(step, chosen);
    gp_device_sample_step_begin(step);
    const bool changed = gp_step_changes_next();
    const bool wanted = judged || gp_step_filter_wants(step, changed);
    if (atomic_exchange_explicit(&gp_step_filter_detail, wanted, memory_order_relaxed) != wanted)
        gp_emit_detail(wanted);
    gp_gpu_time_step_begins(step, wanted && (chosen || !judged));
    gp_device_sample_step_timed(step, gp_gpu_time_is_recording());
}

int gp_range_push(unsigned domain, struct gp_name name, bool program)
{
    struct gp_thread *thread = program ? gp_thread_self() : gp_thread_own;
    if (!thread || domain >= GP_DOMAINS_MAX)
        return GP_NO_TRACKING;
    struct gp_range_stack *stack = &thread->ranges[domain];
    const int level = stack->depth++;
    if (level >= GP_RECORDED_LEVELS)
        return level;
    const uint64_t bit = UINT64_C(1) << level;
    stack->recorded &= ~bit;
    stack->step &= ~bit;
    if (!program)
        return level;
    if (name.step && thread->steps_open == 0) {
        begin_step();
        gp_gpu_time_step_pushed();
        thread->steps_open++;
        stack->step |= bit;
    }
    if (stack->step & bit || gp_detail()) {
        stack->recorded |= bit;
        gp_emit_range_push(name.id, domain_id(domain));
    }
    return level;
}

int gp_range_pop(unsigned domain, bool program)
{
    struct gp_thread *thread = program ? gp_thread_self() : gp_thread_own;
    if (!thread || domain >= GP_DOMAINS_MAX)
        return GP_NO_TRACKING;
    struct gp_range_stack *stack = &thread->ranges[domain];
    if (stack->depth == 0)
        return -1;
    const int level = --stack->depth;
    if (level >= GP_RECORDED_LEVELS)
        return level;
    const uint64_t bit = UINT64_C(1) << level;
    if (stack->recorded & bit)
        gp_emit_range_pop(domain_id(domain));
    if (stack->step & bit) {
        thread->steps_open--;
        gp_gpu_time_step_popped();
        gp_device_sample_step_end();
        gp_writer_make_ready(&gp_writer);
    }
    stack->recorded &= ~bit;
    stack->step &= ~bit;
    return level;
}

/* A range's number in the program also has, above, the index of its thread + 1. */
#define THREAD_SHIFT 48

/* The lowest bit of a range's number says that its START is in the capture. A step that is started
   and ended rather than pushed may overlap others, so it does not keep ranges inside it from being
   steps. */
uint64_t gp_range_start(unsigned domain, struct gp_name name)
{
    const struct gp_thread *thread = gp_thread_self();
    bool recorded = domain < GP_DOMAINS_MAX;
    if (recorded && name.step && (!thread || thread->steps_open == 0))
        begin_step();
    else
        recorded = recorded && gp_detail();
    const uint64_t range =
        (atomic_fetch_add_explicit(&ranges_started, 1, memory_order_relaxed) + 1) << 1 | recorded;
    if (recorded)
        gp_emit_range_start(range, name.id, domain_id(domain));
    return range | (thread ? (uint64_t)(thread->index + 1) << THREAD_SHIFT : 0);
}

void gp_range_end(unsigned domain, uint64_t range)
{
    const struct gp_thread *self = gp_thread_self();
    const uint64_t number = range & ((UINT64_C(1) << THREAD_SHIFT) - 1);
    const uint64_t starter = range >> THREAD_SHIFT;
    if (starter && !(self && self->index + 1 == starter))
        gp_event_time_thread_waits((uint32_t)starter - 1);
    if (number & 1)
        gp_emit_range_end(number, domain < GP_DOMAINS_MAX ? domain_id(domain) : 0);
}

void gp_mark(unsigned domain, struct gp_name name)
{
    if ((gp_detail() || name.tensor) && domain < GP_DOMAINS_MAX)
        gp_emit_mark(name.id, domain_id(domain));
}
