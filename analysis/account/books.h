/*
 * The books beside what the driver says is in use on a device: at each moment that the driver was
 * asked (DEVICE_SAMPLE),
 *
 *   used = live bytes, by role + rounding + pool slack + context + handles + modules + cupti
 *          + residual
 *
 * live bytes  as requested
 * rounding    what cudaMalloc takes beyond that (blocks.h)
 * pool slack  what the default memory pool holds and has not given out, and what of a caching
 * allocator's segments is in no block (replay/segments.h)
 * context     used before the first allocation, less what was live, made a handle or was loaded by
 * a call until then: the context, and other processes handles     by how much `used` grew in calls
 * that make a library's handle, less what the ledger says that came meanwhile modules     the same
 * for other calls, in the steps in which they were looked at: modules loaded, and memory that a
 * library took unseen cupti       the same in the first step that was timed: CUPTI's buffers
 * residual    what is left: the same in calls that were not looked at, and what other processes
 * took or gave back
 *
 * Nothing is estimated from the residual.
 */
#ifndef ANALYSIS_ACCOUNT_BOOKS_H
#define ANALYSIS_ACCOUNT_BOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "account/blocks.h"
#include "graphprof/capture_format.h"
#include "graphprof/role.h"
#include "replay/ledger.h"

/* Bytes, at the moment of a sample. */
struct books_moment {
    bool known;
    size_t step; /* in it, or the one before; none: REPLAY_NO_STEP */
    uint64_t used;
    uint64_t by_role[GP_ROLE_COUNT];
    uint64_t live;
    uint64_t rounding;
    uint64_t pool_slack;
    int64_t handles; /* until then; the same for the next */
    int64_t modules;
    int64_t cupti;
    uint64_t nvml_used; /* FACTS_UNKNOWN: not known */
    uint8_t nvml_scope; /* enum gp_nvml_scope */
};

/* What `used` grew by during calls of a kind, beyond what the ledger says came meanwhile. */
struct books_growth {
    bool in_call;
    int64_t from;
    int64_t sum;
};

struct books {
    struct blocks blocks; /* of memory from cudaMalloc */
    uint64_t live_blocks; /* bytes in them, as requested */
    uint64_t live_pool;
    uint64_t pool_slack; /* as last sampled */
    uint64_t pool_reserved;
    uint64_t segments;  /* bytes of a caching allocator's segments */
    uint64_t in_blocks; /* of them: given out in blocks */

    bool has_context;
    uint64_t context;
    struct books_growth handles;
    struct books_growth modules;
    struct books_growth cupti;

    struct books_moment step_end; /* the last step's end that the driver was asked at */
    struct {
        struct books_moment most; /* where the driver had most in use in the probed step */
        uint64_t samples;
        uint64_t live_most;  /* in the ledger in that step, as requested */
        uint64_t taken_most; /* the same with rounding and pool slack */
    } probe;
};

/* What the ledger holds at the moment. */
struct books_ledger {
    uint64_t live;
    const uint64_t *by_role;
    size_t step;
    bool in_timed_step;
};

/* `granule` as in blocks.h. */
void books_init(struct books *books, uint64_t granule);
void books_free(struct books *books);

/* An allocation of the device has entered the ledger, or left it. */
void books_enter(struct books *books, const struct allocation *allocation);
void books_leave(struct books *books, const struct allocation *allocation);

/* The same for a segment, which is no live memory itself. */
void books_enter_segment(struct books *books, const struct allocation *segment);
void books_leave_segment(struct books *books, const struct allocation *segment);

/* So many bytes are live now, in the probed step. */
void books_level(struct books *books, uint64_t live);

/* A sample of the device. */
void books_sample(struct books *books, const struct gp_record_device_sample *sample,
                  const struct books_ledger *now);

/* What the recorder knows of: live, rounding, pool slack. */
uint64_t books_taken(const struct books_moment *moment);

/* Context, handles, modules and CUPTI's. */
int64_t books_not_allocated(const struct books *books);

/* "process", "device" or "none". */
const char *books_nvml_scope(const struct books_moment *moment);

/* used less all that is known; the context must be. */
int64_t books_residual(const struct books *books, const struct books_moment *moment);

#endif
