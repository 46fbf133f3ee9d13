/*
 * Entry points for graphprof's own hooks in interpreted frameworks (python/, by way of
 * python_calls.c): ranges in a domain of their own, so that they cannot close a range of the
 * program's, and marks. NVTX has no library to call for who is not compiled. Any thread; nothing
 * is done where nothing is recorded.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "capture.h"
#include "depth.h"
#include "event_time.h"
#include "graphprof/capture_format.h"
#include "graphprof/node_name.h"
#include "own_ranges.h"
#include "ranges.h"
#include "step_filter.h"

static unsigned own_domain(void)
{
    static atomic_uint known; /* 0 is the default domain: not asked for yet */
    unsigned domain = atomic_load_explicit(&known, memory_order_relaxed);
    if (domain == 0) {
        domain = gp_domain(GP_DOMAIN_OWN);
        atomic_store_explicit(&known, domain, memory_order_relaxed);
    }
    return domain;
}

/* Whether something is to be done; leave() in any case. */
static bool enter(int *saved_errno)
{
    *saved_errno = errno;
    return gp_depth_enter() && gp_capture_ready();
}
/* The same, where a range begins or ends. */
static bool enter_boundary(int *saved_errno)
{
    const bool entered = enter(saved_errno);
    if (entered)
        gp_event_time_boundary();
    return entered;
}
static void leave(int saved_errno)
{
    gp_depth_leave();
    errno = saved_errno;
}

static struct gp_name name_of(const char *text)
{
    return gp_name_of(text, text ? (unsigned)strnlen(text, GP_STRING_BYTES_MAX + 1) : 0);
}

/* A name's number is all that is known of it, so that a range looks nothing up. */
enum {
    STEP_BIT = 32,
    TENSOR_BIT = 33
};

uint64_t graphprof_name(const char *text)
{
    int saved_errno;
    struct gp_name name = {0, false, false};
    if (enter(&saved_errno))
        name = name_of(text);
    leave(saved_errno);
    return name.id ? name.id | (uint64_t)name.step << STEP_BIT | (uint64_t)name.tensor << TENSOR_BIT
                   : 0;
}

static struct gp_name name_from(uint64_t number)
{
    return number ? (struct gp_name){(uint32_t)number, number >> STEP_BIT & 1,
                                     number >> TENSOR_BIT & 1}
                  : gp_name_again(0);
}

void graphprof_range_push(uint64_t name)
{
    int saved_errno;
    if (enter_boundary(&saved_errno))
        gp_range_push(own_domain(), name_from(name), true);
    leave(saved_errno);
}

void graphprof_range_pop(void)
{
    int saved_errno;
    if (enter_boundary(&saved_errno))
        gp_range_pop(own_domain(), true);
    leave(saved_errno);
}

void graphprof_range_next(uint64_t name)
{
    int saved_errno;
    if (enter_boundary(&saved_errno)) {
        gp_range_pop(own_domain(), true);
        gp_range_push(own_domain(), name_from(name), true);
    }
    leave(saved_errno);
}

uint64_t graphprof_range_follow(uint64_t before, uint64_t name)
{
    int saved_errno;
    uint64_t range = 0;
    if (enter_boundary(&saved_errno)) {
        if (before)
            gp_range_end(own_domain(), before);
        range = gp_range_start(own_domain(), name_from(name));
    }
    leave(saved_errno);
    return range;
}

void graphprof_range_end(uint64_t range)
{
    int saved_errno;
    if (enter_boundary(&saved_errno))
        gp_range_end(own_domain(), range);
    leave(saved_errno);
}

bool graphprof_in_detail(void)
{
    int saved_errno;
    const bool in_detail = enter(&saved_errno) && gp_detail();
    leave(saved_errno);
    return in_detail;
}

void graphprof_mark(const char *text)
{
    int saved_errno;
    if (enter(&saved_errno))
        gp_mark(own_domain(), name_of(text));
    leave(saved_errno);
}
