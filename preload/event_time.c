#include "event_time.h"

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "device.h"
#include "emit.h"
#include "event_pool.h"
#include "lifecycle.h"
#include "memory_seen.h"
#include "step_calls.h"
#include "string_table.h"
#include "threads.h"
#include "vendor.h"
#include "vendor_events.h"

#define NAME "(events)"

/* Streams of a thread whose spans are open at once: one more ends the one that is open longest. */
#define STREAMS_MAX 4u
/* Of numbers that wait, as many less as there may be threads that take one more at once. */
#define WAITING_MAX (GP_SPANS_MAX - GP_THREADS_MAX)
/* Turns that a stream's end waits for another thread to have recorded its event there. */
#define PATIENCE 1000
/* Spans that are made before it is known how many a step needs. */
#define SPANS_FIRST 1024u
/* A pass that has found so many spans unfinished asks no more: later ones mostly are so as well. */
#define UNFINISHED_MAX 8u
/* Periods of timing after which a span is not waited for any more. */
#define PERIODS_KEPT (GP_PERIODS_AHEAD / 2)

atomic_bool gp_event_time_on;
char gp_stream_is_unknown;
_Thread_local unsigned gp_event_time_open __attribute__((tls_model("initial-exec")));

struct open_span {
    void *stream;
    uint32_t span; /* GP_SPAN_NONE: its work is lost, in this segment */
    uint32_t number;
};
static _Thread_local struct open_span open_spans[STREAMS_MAX];
static _Thread_local uint32_t open_period;

/* Correlation numbers are given out in turn. What each stands for is kept until all up to it is
   done with: number << 32 | index of its span + 1, or 0 there if it has none. */
static _Atomic uint32_t numbers;
static _Atomic uint32_t numbers_done;
static _Atomic uint64_t span_of_number[GP_SPANS_MAX];
static _Atomic uint32_t period; /* of timing, from 1 */
static atomic_uint lacking;     /* spans that were asked for in vain since the last step */
static uint64_t records_before; /* records in the capture when the last step began */
static unsigned most_spans;     /* that a step may need, by those before */
static bool exit_is_handled;

static void lose(uint64_t spans)
{
    if (spans)
        gp_emit_gpu_lost(spans);
}

/* Records the second event, unless a capture has begun in the stream meanwhile: it is lost then. */
static void end_span(const struct open_span *open)
{
    if (open->span == GP_SPAN_NONE)
        return;
    const uint64_t ending = gp_span_state(open->number, GP_SPAN_ENDING);
    uint64_t state = gp_span_state(open->number, GP_SPAN_OPEN);
    struct gp_span *span = &gp_spans[open->span];
    if (!atomic_compare_exchange_strong(&span->state, &state, ending))
        return; /* it was given up, and counted */
    state = ending;
    if (!gp_vendor_error_waits() && gp_vendor_stream_use(open->stream) == GP_STREAM_RUNS &&
        gp_vendor_event_record(span->end, open->stream))
        atomic_compare_exchange_strong(&span->state, &state,
                                       gp_span_state(open->number, GP_SPAN_ENDED));
    else if (gp_event_pool_give_back(open->span, ending))
        lose(1);
}

void gp_event_time_end_segment(void)
{
    for (unsigned i = 0; i < gp_event_time_open && gp_capture_is_open(); i++)
        end_span(&open_spans[i]);
    gp_event_time_open = 0; /* also in a child after fork, whose they are not */
}

static void end_one(unsigned i)
{
    end_span(&open_spans[i]);
    memmove(&open_spans[i], &open_spans[i + 1], (--gp_event_time_open - i) * sizeof open_spans[0]);
}

/* The legacy stream waits for the others and they for it, so that an event recorded there after
   work was given to another would hold that up: its span ends first. */
static void make_room(void *stream)
{
    for (unsigned i = 0; i < gp_event_time_open; i++)
        if (gp_stream_tag(GP_API_NONE, open_spans[i].stream) == 0 && open_spans[i].stream != stream)
            end_one(i--);
    if (gp_event_time_open == STREAMS_MAX)
        end_one(0);
}

/* A span with its first event recorded, or GP_SPAN_NONE. */
static uint32_t begin_span(void *stream, uint32_t number)
{
    const unsigned device = gp_device_current();
    if (device >= GP_SPAN_DEVICES)
        return GP_SPAN_NONE;
    const uint32_t taken = gp_event_pool_take(device, number, open_period);
    if (taken == GP_SPAN_NONE) {
        atomic_fetch_add_explicit(&lacking, 1, memory_order_relaxed);
        return GP_SPAN_NONE;
    }
    struct gp_span *span = &gp_spans[taken];
    const struct gp_thread *thread = gp_thread_self();
    span->stream = stream;
    span->thread = thread ? thread->index : UINT32_MAX;
    if (gp_event_pool_base(device, open_period, stream) &&
        gp_vendor_event_record(span->begin, stream))
        return taken;
    gp_event_pool_give_back(taken, gp_span_state(number, GP_SPAN_OPEN));
    return GP_SPAN_NONE;
}

/* 0, under which no record comes, if too many wait for the GPU. */
static uint32_t take_number(void)
{
    const uint32_t given = atomic_load_explicit(&numbers, memory_order_relaxed);
    if (given - atomic_load_explicit(&numbers_done, memory_order_acquire) >= WAITING_MAX)
        return 0;
    return atomic_fetch_add_explicit(&numbers, 1, memory_order_relaxed) + 1;
}

/* The CORRELATION record of work that is lost stands too: the analysis knows by it that the step is
   not whole. */
static void begin(void *stream)
{
    const enum gp_stream_use use = stream == GP_STREAM_UNKNOWN || gp_vendor_error_waits()
                                       ? GP_STREAM_NOBODY_KNOWS
                                       : gp_vendor_stream_use(stream);
    if (use == GP_STREAM_CAPTURES)
        return; /* nothing runs now: the graph's launch is work of its own */
    make_room(stream);
    struct open_span *open = &open_spans[gp_event_time_open++];
    *open = (struct open_span){stream, GP_SPAN_NONE, take_number()};
    if (open->number != 0) {
        if (use == GP_STREAM_RUNS)
            open->span = begin_span(stream, open->number);
        atomic_store_explicit(&span_of_number[open->number % GP_SPANS_MAX],
                              (uint64_t)open->number << 32 | (uint32_t)(open->span + 1),
                              memory_order_release);
    }
    gp_emit_correlation(open->number, GP_GPU_KERNEL);
    lose(open->span == GP_SPAN_NONE);
}

/* Another thread may have ended it. */
static bool is_open(const struct open_span *open)
{
    return open->span == GP_SPAN_NONE ||
           atomic_load_explicit(&gp_spans[open->span].state, memory_order_relaxed) ==
               gp_span_state(open->number, GP_SPAN_OPEN);
}

void gp_event_time_submit(void *stream)
{
    const uint32_t now = atomic_load_explicit(&period, memory_order_relaxed);
    const bool on = atomic_load_explicit(&gp_event_time_on, memory_order_relaxed);
    /* A step of another thread has begun or ended; or calls are the nodes. */
    if (!on || open_period != now || gp_step_calls_used())
        gp_event_time_boundary();
    open_period = now;
    for (unsigned i = 0; i < gp_event_time_open; i++)
        if (open_spans[i].stream == stream) {
            if (is_open(&open_spans[i]))
                return;
            end_one(i--);
        }
    if (on && gp_capture_is_open())
        begin(stream);
}

/* The span of a number that was given out, or GP_SPAN_NONE. False: another thread is about to say.
 */
static bool find_span(uint32_t number, uint32_t *index)
{
    const uint64_t held =
        atomic_load_explicit(&span_of_number[number % GP_SPANS_MAX], memory_order_acquire);
    *index = (uint32_t)held - 1;
    return held >> 32 == number;
}

void gp_event_time_stream_ends(void *stream)
{
    const uint32_t end = atomic_load_explicit(&numbers, memory_order_acquire) + 1;
    uint32_t number = atomic_load_explicit(&numbers_done, memory_order_acquire) + 1, index;
    for (unsigned i = 0; i < gp_event_time_open && gp_capture_is_open(); i++)
        if (open_spans[i].stream == stream)
            end_one(i--);
    /* And those of other threads, which will not come to record anything there. */
    for (; number != end; number++) {
        if (!find_span(number, &index) || index == GP_SPAN_NONE || gp_spans[index].stream != stream)
            continue;
        if (gp_event_pool_give_back(index, gp_span_state(number, GP_SPAN_OPEN)))
            lose(1);
        for (int i = 0; i < PATIENCE && atomic_load(&gp_spans[index].state) ==
                                            gp_span_state(number, GP_SPAN_ENDING);
             i++)
            sched_yield();
    }
}

void gp_event_time_thread_waits(uint32_t thread)
{
    const uint32_t end = atomic_load_explicit(&numbers, memory_order_acquire) + 1;
    uint32_t number = atomic_load_explicit(&numbers_done, memory_order_acquire) + 1, index;
    for (; number != end && gp_capture_is_open(); number++)
        if (find_span(number, &index) && index != GP_SPAN_NONE && gp_spans[index].thread == thread)
            end_span(&(struct open_span){gp_spans[index].stream, index, number});
}

/* Writes a span that the GPU has passed. False: it is to be asked about again. */
static bool write_down(const struct gp_span *span, uint32_t number)
{
    void *base;
    uint64_t host_ns;
    float from_base = 0, ms = 0;
    if (!gp_event_pool_base_of(span->device, span->period, &base, &host_ns))
        return false;
    enum gp_event_answer answer = gp_vendor_event_elapsed(span->begin, span->end, &ms);
    if (answer == GP_EVENT_KNOWN)
        answer = gp_vendor_event_elapsed(base, span->begin, &from_base);
    if (answer == GP_EVENT_NOT_YET)
        return false;
    if (answer == GP_EVENT_NEVER || ms < 0) {
        lose(1);
        return true;
    }
    const uint64_t start_ns = host_ns + (uint64_t)(int64_t)((double)from_base * 1e6);
    const struct gp_record_kernel kernel = {
        .correlation = number,
        .name = gp_string(NAME),
        .start_ns = start_ns,
        .end_ns = start_ns + (uint64_t)((double)ms * 1e6),
        .stream = gp_stream_tag(GP_API_NONE, span->stream),
        .work = GP_GPU_KERNEL,
        .device = span->device,
    };
    gp_emit_kernel(&kernel);
    return true;
}

/* What becomes of a number's span. */
enum outcome {
    DONE,
    OPEN,      /* its segment has not ended */
    UNFINISHED /* on the GPU */
};

static enum outcome settle(uint32_t index, uint32_t number, bool ask, bool give_up)
{
    struct gp_span *span = &gp_spans[index];
    const uint64_t state = atomic_load_explicit(&span->state, memory_order_acquire);
    const bool ended = state == gp_span_state(number, GP_SPAN_ENDED);
    if (state == gp_span_state(number, GP_SPAN_ENDING))
        return OPEN;
    if (!ended && state != gp_span_state(number, GP_SPAN_OPEN))
        return DONE; /* it was lost, and counted */
    if (ended && ask && write_down(span, number)) {
        gp_event_pool_give_back(index, state);
        return DONE;
    }
    const uint32_t now = atomic_load_explicit(&period, memory_order_relaxed);
    if (!give_up && now - span->period <= PERIODS_KEPT)
        return ended ? UNFINISHED : OPEN;
    lose(gp_event_pool_give_back(index, state));
    return DONE;
}

/* Writes down what the GPU has passed, in the order of submission. What is too old, and at the last
   time everything else, is lost. */
static void harvest(bool last)
{
    const uint32_t end = atomic_load_explicit(&numbers, memory_order_acquire);
    const bool can_ask = !gp_vendor_error_waits();
    uint32_t done = atomic_load_explicit(&numbers_done, memory_order_relaxed);
    unsigned unfinished = 0;
    if (done == end || (!can_ask && !last))
        return;
    const int mode = can_ask ? gp_vendor_capture_enter() : 0;
    uint32_t index;
    for (uint32_t number = done + 1; number != end + 1 && find_span(number, &index); number++) {
        const enum outcome outcome =
            index == GP_SPAN_NONE
                ? DONE
                : settle(index, number, can_ask && unfinished < UNFINISHED_MAX, last);
        unfinished += outcome == UNFINISHED;
        if (outcome == DONE && number == done + 1)
            done = number;
    }
    atomic_store_explicit(&numbers_done, done, memory_order_release);
    if (can_ask)
        gp_vendor_capture_leave(mode);
}

/* Every span has a call's record and that of a boundary, so that half of a step's records are more
   than its spans. Twice what was there, if that was not enough. */
static void make_events(void)
{
    const uint64_t records = atomic_load_explicit(&gp_writer.records, memory_order_relaxed);
    const uint64_t of_step = (records - records_before) / 2;
    if (most_spans < SPANS_FIRST)
        most_spans = SPANS_FIRST;
    if (of_step > most_spans)
        most_spans = of_step < GP_SPANS_MAX ? (unsigned)of_step : GP_SPANS_MAX;
    if (atomic_exchange_explicit(&lacking, 0, memory_order_relaxed) &&
        most_spans <= GP_SPANS_MAX / 2)
        most_spans *= 2;
    const unsigned device = gp_device_current();
    if (device >= GP_SPAN_DEVICES || gp_vendor_error_waits() ||
        gp_memory_lowest() >= gp_memory_highest())
        return;
    const int mode = gp_vendor_capture_enter();
    gp_event_pool_fill(device, most_spans);
    gp_vendor_capture_leave(mode);
    if (gp_event_pool_made() && !exit_is_handled) {
        exit_is_handled = true;
        gp_lifecycle_at_exit();
    }
}

/* KERNEL records have the host's clock, as far as that can be: see gp_event_pool_base. */
static void turn(bool on)
{
    struct timespec now;
    if (atomic_load_explicit(&gp_event_time_on, memory_order_relaxed) == on)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (on)
        atomic_fetch_add_explicit(&period, 1, memory_order_relaxed);
    atomic_store_explicit(&gp_event_time_on, on, memory_order_relaxed);
    gp_emit_timed(on, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
}

void gp_event_time_step(bool wanted)
{
    gp_event_time_boundary();
    harvest(false);
    if (wanted)
        make_events();
    turn(wanted && gp_event_pool_made());
    records_before = atomic_load_explicit(&gp_writer.records, memory_order_relaxed);
}

void gp_event_time_stop(void)
{
    gp_event_time_boundary();
    turn(false);
}

void gp_event_time_reset(void)
{
    gp_event_time_boundary();
    harvest(false);
    if (gp_event_pool_made())
        lose(gp_event_pool_drop(gp_device_current()));
}

void gp_event_time_finish(void)
{
    gp_event_time_boundary();
    turn(false);
    harvest(true);
}
