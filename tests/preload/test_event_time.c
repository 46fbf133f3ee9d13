/* GPU time by CUDA events: when they are recorded, in which stream, and what is made of them. The
   GPU is fake_vendor.c's: its clock stands still unless the test moves it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "emit.h"
#include "event_pool.h"
#include "event_time.h"
#include "fake_vendor.h"
#include "gpu_time.h"
#include "ranges.h"
#include "recorder.h"
#include "step_filter.h"

static char line[4096];
static uint32_t first_number; /* of the test's CORRELATION records: they are told from 1 on */

static void say(const char *format, ...)
{
    const size_t n = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + n, sizeof line - n, format, arguments);
    va_end(arguments);
}

static void take(uint64_t head, const void *payload, void *data)
{
    (void)data;
    switch (gp_head_type(head)) {
    case GP_RECORD_TIMED:
        say(((const struct gp_record_timed *)payload)->on ? "on " : "off ");
        break;
    case GP_RECORD_RANGE_PUSH:
        say("( ");
        break;
    case GP_RECORD_RANGE_POP:
        say(") ");
        break;
    case GP_RECORD_CORRELATION: {
        const uint32_t number = ((const struct gp_record_correlation *)payload)->correlation;
        if (!first_number)
            first_number = number;
        say("work%u ", number - first_number + 1);
        break;
    }
    case GP_RECORD_KERNEL: {
        const struct gp_record_kernel *kernel = payload;
        say("%u=%.0fus ", kernel->correlation - first_number + 1,
            (double)(kernel->end_ns - kernel->start_ns) / 1e3);
        break;
    }
    case GP_RECORD_GPU_LOST:
        say("lost%u ", (unsigned)((const struct gp_record_gpu_lost *)payload)->records);
        break;
    default:
        break;
    }
}

static void expect(const char *records, const char *events)
{
    line[0] = '\0';
    recorder_read(take, NULL);
    assert_string_equal(line, records);
    assert_string_equal(fake_vendor.recorded, events);
}

static int begin(void **state)
{
    (void)state;
    fake_vendor.gpu_is_behind = fake_vendor.events_fail = fake_vendor.error_waits = false;
    fake_vendor.captures = NULL;
    assert_true(gp_step_filter_time_steps("none"));
    /* What the test before left is written down between its steps and ours. */
    gp_gpu_time_step_begins(0, true);
    recorder_skip();
    memset(fake_vendor.recorded, 0, sizeof fake_vendor.recorded);
    first_number = 0;
    assert_true(gp_step_filter_time_steps("all"));
    return 0;
}

/* As the handlers of NVTX do. */
static void push(const char *name)
{
    gp_event_time_boundary();
    gp_range_push(0, gp_name_of(name, (unsigned)strlen(name)), true);
}
static void pop(void)
{
    gp_event_time_boundary();
    gp_range_pop(0, true);
}
/* A wrapper's call, of so many milliseconds on the GPU. */
static void work(char stream, double ms)
{
    if (gp_event_time_wants())
        gp_event_time_submit(fake_stream(stream));
    fake_vendor.gpu_ms += ms;
}
/* The step after it, in which nothing is timed: there the records are written. */
static void untimed_step(void)
{
    assert_true(gp_step_filter_time_steps("none"));
    push("step");
    work('A', 1);
    pop();
}

static int start(void **state)
{
    setenv("GRAPHPROF_TIME_SOURCE", "event", 1);
    return recorder_start(state);
}

/* An event needs a context: before the program has memory none is made. */
static void test_not_before_there_is_memory(void **state)
{
    (void)state;
    push("step");
    work('A', 1);
    pop();
    expect("( ) ", "");
    assert_int_equal(fake_vendor.events_made, 0);
    assert_int_equal(fake_vendor.cupti_starts, 0); /* it is let alone */
    gp_emit_alloc(GP_API_cudaMalloc, (void *)0x1000, 64, GP_SPACE_DEVICE, NULL); // NOLINT
    recorder_skip();
}

/* A: base, begin, end for the step's own work, then begin and end in the node, whose two calls are
   2 + 3 ms. What is between them (0.5 ms) is in the node's time; what is behind its last call and
   before the pop on the host is not on the GPU's clock. */
static void test_segments_of_one_stream(void **state)
{
    (void)state;
    push("step");
    work('A', 1);
    push("node");
    work('A', 2);
    fake_vendor.gpu_ms += 0.5;
    work('A', 3);
    pop();
    push("host only");
    pop();
    pop();
    untimed_step();
    expect("on ( work1 ( work2 ) ( ) ) off 1=1000us 2=5500us ( ) ", "AAAAA");
}

static void test_two_streams(void **state)
{
    (void)state;
    push("step");
    push("node");
    work('A', 2);
    work('B', 3);
    work('A', 4);
    pop();
    pop();
    untimed_step();
    /* Both spans end with the segment: 2 + 3 + 4 and 3 + 4 ms on this clock. */
    expect("on ( ( work1 work2 ) ) off 1=9000us 2=7000us ( ) ", "AABAB");
}

/* An event in the legacy stream waits for the others: it is recorded before they get work. */
static void test_the_legacy_stream_ends_first(void **state)
{
    (void)state;
    push("step");
    work('0', 1);
    work('A', 2);
    work('0', 4);
    pop();
    untimed_step();
    expect("on ( work1 work2 work3 ) off 1=1000us 2=6000us 3=4000us ( ) ", "000A0A0");
}

static void test_a_fifth_stream_ends_the_first(void **state)
{
    (void)state;
    push("step");
    for (const char *stream = "ABCDE"; *stream; stream++)
        work(*stream, 1);
    pop();
    untimed_step();
    expect("on ( work1 work2 work3 work4 work5 ) off "
           "1=4000us 2=4000us 3=3000us 4=2000us 5=1000us ( ) ",
           "AABCDAEBCDE");
}

/* Nothing is recorded in a stream that captures: neither before work nor behind it. */
static void test_captures(void **state)
{
    (void)state;
    fake_vendor.captures = fake_stream('A');
    push("step");
    work('A', 1);
    work('B', 2);
    fake_vendor.captures = fake_stream('B'); /* begins inside B's span */
    pop();
    untimed_step();
    expect("on ( work1 lost1 ) off ( ) ", "BB");
}

static void test_what_is_not_done_is_asked_again(void **state)
{
    (void)state;
    push("step");
    work('A', 1);
    pop();
    fake_vendor.gpu_is_behind = true;
    untimed_step();
    expect("on ( work1 ) off ( ) ", "AAA");
    fake_vendor.gpu_is_behind = false;
    untimed_step();
    expect("1=1000us ( ) ", "AAA");
}

static void *submit_and_wait(void *argument)
{
    pthread_barrier_t *const barrier = argument;
    work('B', 1);
    pthread_barrier_wait(barrier); /* it has a span open */
    pthread_barrier_wait(barrier); /* the stream is gone */
    gp_event_time_boundary();
    return NULL;
}

/* A stream that the program ends is left alone from there on: this thread's span ends before it,
   another's is lost. */
static void test_streams_that_end(void **state)
{
    pthread_barrier_t barrier;
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    push("step");
    work('A', 1);
    assert_int_equal(pthread_create(&thread, NULL, submit_and_wait, &barrier), 0);
    pthread_barrier_wait(&barrier);
    gp_event_time_stream_ends(fake_stream('B'));
    gp_event_time_stream_ends(fake_stream('A'));
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
    pop();
    untimed_step();
    /* 1 ends behind the other thread's millisecond: there is one clock here. */
    expect("on ( work1 work2 lost1 ) off 1=2000us ( ) ", "AABA");
}

/* The CORRELATION record stands, so that the analysis does not take the step for whole. */
static void test_an_event_that_cannot_be_recorded(void **state)
{
    (void)state;
    fake_vendor.events_fail = true;
    push("step");
    work('A', 1);
    work('A', 1);
    pop();
    fake_vendor.events_fail = false;
    untimed_step();
    expect("on ( work1 lost1 ) off ( ) ", "");
}

/* A call of ours that fails would take the program's error away. */
static void test_an_error_of_the_program_waits(void **state)
{
    (void)state;
    push("step");
    fake_vendor.error_waits = true;
    work('A', 1);
    fake_vendor.error_waits = false;
    pop();
    untimed_step();
    expect("on ( work1 lost1 ) off ( ) ", "");
}

/* KERNEL records, and what is lost. */
static void count(uint64_t head, const void *payload, void *data)
{
    unsigned *counts = data;
    if (gp_head_type(head) == GP_RECORD_KERNEL)
        counts[0]++;
    else if (gp_head_type(head) == GP_RECORD_GPU_LOST)
        counts[1] += (unsigned)((const struct gp_record_gpu_lost *)payload)->records;
}

/* 1024 spans are made before anything is known; the next timed step finds twice as many. */
static void test_the_pool_grows_between_steps(void **state)
{
    enum {
        SEGMENTS = 1100
    };
    (void)state;
    for (int step = 0; step < 2; step++) {
        assert_true(gp_step_filter_time_steps("all"));
        push("step");
        const unsigned made = fake_vendor.events_made;
        for (int i = 0; i < SEGMENTS; i++) {
            push("node");
            work('A', 0.001);
            pop();
        }
        assert_int_equal(fake_vendor.events_made, made);
        pop();
        untimed_step();
        unsigned counts[2] = {0, 0};
        recorder_read(count, counts);
        assert_int_equal(counts[0], step == 0 ? 1024 : SEGMENTS);
        assert_int_equal(counts[1], step == 0 ? SEGMENTS - 1024 : 0);
    }
}

/* The events end with the device: what was not written down by then is lost, and new ones are made.
 */
static void test_reset(void **state)
{
    (void)state;
    const unsigned made = fake_vendor.events_made;
    push("step");
    work('A', 1);
    pop();
    fake_vendor.gpu_is_behind = true;
    gp_gpu_time_reset();
    fake_vendor.gpu_is_behind = false;
    assert_int_equal(gp_event_pool_free(0), 0);
    push("step");
    work('A', 2);
    pop();
    untimed_step();
    expect("on ( work1 ) off lost1 on ( work2 ) off 2=2000us ( ) ", "AAAAAA");
    assert_true(fake_vendor.events_made > made);
}

/* At the end what the GPU has not done by then is lost; nothing is recorded any more. */
static void test_finish(void **state)
{
    (void)state;
    push("step");
    push("node");
    work('A', 1);
    pop();
    fake_vendor.gpu_is_behind = true;
    gp_gpu_time_finish(); /* the program exits inside the step */
    work('A', 1);
    pop();
    push("step");
    work('A', 1);
    pop();
    expect("on ( ( work1 ) off lost1 ) ( ) ", "AAA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_not_before_there_is_memory, begin),
        cmocka_unit_test_setup(test_segments_of_one_stream, begin),
        cmocka_unit_test_setup(test_two_streams, begin),
        cmocka_unit_test_setup(test_the_legacy_stream_ends_first, begin),
        cmocka_unit_test_setup(test_a_fifth_stream_ends_the_first, begin),
        cmocka_unit_test_setup(test_captures, begin),
        cmocka_unit_test_setup(test_what_is_not_done_is_asked_again, begin),
        cmocka_unit_test_setup(test_streams_that_end, begin),
        cmocka_unit_test_setup(test_an_event_that_cannot_be_recorded, begin),
        cmocka_unit_test_setup(test_an_error_of_the_program_waits, begin),
        cmocka_unit_test_setup(test_the_pool_grows_between_steps, begin),
        cmocka_unit_test_setup(test_reset, begin),
        cmocka_unit_test_setup(test_finish, begin),
    };
    return cmocka_run_group_tests(tests, start, recorder_stop);
}
