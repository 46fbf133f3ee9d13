#include "account/books.h"

#include <string.h>

#include "capture/facts.h"

void books_init(struct books *books, uint64_t granule)
{
    memset(books, 0, sizeof *books);
    blocks_init(&books->blocks, granule);
}

void books_free(struct books *books) { blocks_free(&books->blocks); }

static uint64_t rounding(const struct books *books)
{
    return books->blocks.mapped - books->live_blocks;
}

/* Of a caching allocator's segments: what is in no block. Where physical memory was mapped and
   CUPTI did not see it, blocks are more than the segments that are known. */
static uint64_t cached(const struct books *books)
{
    return books->segments > books->in_blocks ? books->segments - books->in_blocks : 0;
}

/* A pool that was last seen with more in reserve than is live gives that out first. */
static uint64_t taken_now(const struct books *books, uint64_t live)
{
    const uint64_t of_pool =
        books->pool_reserved > books->live_pool ? books->pool_reserved : books->live_pool;
    return live + cached(books) - books->live_pool + of_pool + rounding(books);
}

uint64_t books_taken(const struct books_moment *moment)
{
    return moment->live + moment->rounding + moment->pool_slack;
}

void books_enter(struct books *books, const struct allocation *allocation)
{
    if (allocation->space == GP_SPACE_POOL)
        books->live_pool += allocation->bytes;
    if (allocation->space == GP_SPACE_DEVICE && allocation->bytes) {
        blocks_add(&books->blocks, allocation->address, allocation->bytes);
        books->live_blocks += allocation->bytes;
    }
    if (allocation->in_segment)
        books->in_blocks += allocation->bytes;
}

void books_enter_segment(struct books *books, const struct allocation *segment)
{
    books->segments += segment->bytes;
    books_enter(books, segment);
}

void books_level(struct books *books, uint64_t live)
{
    const uint64_t taken = taken_now(books, live);
    if (live > books->probe.live_most)
        books->probe.live_most = live;
    if (taken > books->probe.taken_most)
        books->probe.taken_most = taken;
}

void books_leave(struct books *books, const struct allocation *allocation)
{
    if (allocation->space == GP_SPACE_POOL)
        books->live_pool -= allocation->bytes;
    if (allocation->in_segment)
        books->in_blocks -= allocation->bytes;
    if (allocation->space != GP_SPACE_DEVICE || !allocation->bytes)
        return;
    blocks_remove(&books->blocks, allocation->address, allocation->bytes);
    books->live_blocks -= allocation->bytes;
}

void books_leave_segment(struct books *books, const struct allocation *segment)
{
    books->segments -= segment->bytes;
    books_leave(books, segment);
}

static struct books_moment moment_of(const struct books *books,
                                     const struct gp_record_device_sample *sample,
                                     const struct books_ledger *now)
{
    struct books_moment moment = {
        .known = true,
        .step = now->step,
        .used = sample->total_bytes - sample->free_bytes,
        .live = now->live,
        .rounding = rounding(books),
        .pool_slack = books->pool_slack + cached(books),
        .handles = books->handles.sum,
        .modules = books->modules.sum,
        .cupti = books->cupti.sum,
        .nvml_used = sample->nvml_used_bytes,
        .nvml_scope = sample->nvml_scope,
    };
    memcpy(moment.by_role, now->by_role, sizeof moment.by_role);
    return moment;
}

/* What is in no book but the context's and the handles'. */
static int64_t unknown(const struct books_moment *moment)
{
    return (int64_t)moment->used - (int64_t)books_taken(moment);
}

static void grow(struct books_growth *growth, const struct books_moment *moment, bool begins)
{
    if (!begins && growth->in_call)
        growth->sum += unknown(moment) - growth->from;
    growth->in_call = begins;
    growth->from = unknown(moment);
}

static void take_probe(struct books *books, const struct books_moment *moment)
{
    books->probe.samples++;
    if (books_taken(moment) > books->probe.taken_most)
        books->probe.taken_most = books_taken(moment);
    if (!books->probe.most.known || moment->used > books->probe.most.used)
        books->probe.most = *moment;
}

void books_sample(struct books *books, const struct gp_record_device_sample *sample,
                  const struct books_ledger *now)
{
    if (sample->pool_used_bytes != FACTS_UNKNOWN && sample->pool_reserved_bytes != FACTS_UNKNOWN) {
        books->pool_slack = sample->pool_reserved_bytes - sample->pool_used_bytes;
        books->pool_reserved = sample->pool_reserved_bytes;
    }
    if (sample->free_bytes == FACTS_UNKNOWN || sample->total_bytes < sample->free_bytes)
        return;
    const struct books_moment moment = moment_of(books, sample, now);
    switch (sample->moment) {
    case GP_SAMPLE_BEFORE_HANDLE:
    case GP_SAMPLE_AFTER_HANDLE:
        grow(&books->handles, &moment, sample->moment == GP_SAMPLE_BEFORE_HANDLE);
        break;
    case GP_SAMPLE_BEFORE_CALL:
    case GP_SAMPLE_AFTER_CALL:
        grow(now->in_timed_step ? &books->cupti : &books->modules, &moment,
             sample->moment == GP_SAMPLE_BEFORE_CALL);
        break;
    case GP_SAMPLE_BEFORE_FIRST:
    case GP_SAMPLE_AFTER_FIRST:
        if (!books->has_context)
            books->context = (uint64_t)books_residual(books, &moment);
        books->has_context = true;
        break;
    case GP_SAMPLE_PROBE:
        take_probe(books, &moment);
        break;
    case GP_SAMPLE_STEP_END:
        books->step_end = moment;
        break;
    default:
        break;
    }
}

int64_t books_residual(const struct books *books, const struct books_moment *moment)
{
    return unknown(moment) - (int64_t)books->context - moment->handles - moment->modules -
           moment->cupti;
}

const char *books_nvml_scope(const struct books_moment *moment)
{
    return moment->nvml_scope == GP_NVML_PROCESS  ? "process"
           : moment->nvml_scope == GP_NVML_DEVICE ? "device"
                                                  : "none";
}
