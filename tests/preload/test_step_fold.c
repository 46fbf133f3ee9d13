/* Steps that are taken back, behind the first 256 of a run: what stands in the capture then. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "emit.h"
#include "ranges.h"
#include "recorder.h"
#include "step_filter.h"
#include "string_table.h"

#define FIRST 256 /* steps that are never judged */

static int n_steps;

static struct gp_name named(const char *text) { return gp_name_of(text, (unsigned)strlen(text)); }

static const void *at(uint64_t address)
{
    return (const void *)(uintptr_t)address; // NOLINT(performance-no-int-to-ptr): nobody follows it
}
static void allocate(uint64_t address, uint64_t bytes)
{
    gp_emit_alloc(GP_API_cudaMalloc, at(address), bytes, GP_SPACE_DEVICE, NULL);
}
static void give_back(uint64_t address)
{
    gp_emit_free(GP_API_cudaFree, at(address), GP_SPACE_DEVICE, NULL);
}

static void begin(void)
{
    gp_range_push(0, named("step"), true);
    gp_range_push(0, named("layer"), true);
    n_steps++;
}
static void end(void)
{
    gp_range_pop(0, true);
    gp_range_pop(0, true);
}
/* Two blocks of 100 and 200 bytes at that address and 4096 behind it. */
static void step_at(uint64_t address)
{
    begin();
    allocate(address, 100);
    allocate(address + 4096, 200);
    for (unsigned i = 0; i < 10; i++)
        gp_emit_call(GP_API_cudaMemset, &address, 1, 0);
    give_back(address + 4096);
    give_back(address);
    end();
}

struct seen {
    uint64_t records, allocs, frees, calls, pushes, threads, strings, lists;
    uint64_t whole, outline, repeats,
        last; /* `last`: of the last but one REPEAT record, its `of` */
    uint64_t now, place;
    uint64_t ns[GP_THREADS_MAX];
};
static void see(uint64_t head, const void *payload, void *data)
{
    struct seen *seen = data;
    const unsigned thread = gp_head_thread(head);
    uint64_t first;
    memcpy(&first, payload, sizeof first);
    seen->records++;
    seen->ns[thread] += gp_head_delta(head);
    switch (gp_head_type(head)) {
    case GP_RECORD_THREAD:
    case GP_RECORD_TIME:
        seen->ns[thread] = first;
        seen->threads += gp_head_type(head) == GP_RECORD_THREAD;
        break;
    case GP_RECORD_ALLOC:
        seen->allocs++;
        break;
    case GP_RECORD_FREE:
        seen->frees++;
        break;
    case GP_RECORD_CALL:
        seen->calls++;
        break;
    case GP_RECORD_RANGE_PUSH:
        seen->pushes++;
        break;
    case GP_RECORD_STRING:
        seen->strings++;
        break;
    case GP_RECORD_ADDRESSES:
        seen->lists++;
        break;
    case GP_RECORD_REPEAT: {
        const struct gp_record_repeat *repeat = payload;
        assert_int_equal(repeat->void_words, 0);
        seen->last = seen->now;
        seen->now = repeat->of;
        if (repeat->of == GP_REPEAT_WHOLE)
            seen->whole++;
        else if (repeat->of == GP_REPEAT_OUTLINE)
            seen->outline++;
        else
            seen->repeats++;
        break;
    }
    default:
        break;
    }
}
/* The whole capture as it stands, which is checked against what the recorder counts. */
static struct seen capture(void)
{
    struct seen seen = {0};
    const uint64_t end = walk(gp_writer.base, gp_writer.mapped, 0, see, &seen);
    assert_int_equal(end, gp_writer.used);
    assert_int_equal(seen.records, gp_writer.records);
    assert_int_equal(seen.ns[gp_thread_own->index] + gp_thread_own->owed_ns,
                     gp_thread_own->last_ns);
    return seen;
}

/* What the step before became; the step that begins is left open. */
static uint64_t became(void)
{
    begin();
    const uint64_t of = capture().last;
    end();
    return of;
}

static void test_equal_steps(void **state)
{
    (void)state;
    for (int i = 0; i < FIRST; i++)
        step_at(0x10000);
    assert_int_equal(capture().whole, 0); /* no step is marked yet */
    step_at(0x10000);                     /* 256: one of those chosen */
    step_at(0x10000);
    const struct seen before = capture();
    assert_int_equal(before.whole, 2);
    step_at(0x10000); /* 258: chosen. 257 is over, and has become one record */
    const struct seen behind = capture();
    assert_int_equal(behind.repeats, 1);
    assert_int_equal(behind.allocs, before.allocs); /* those of 257 are gone, 258's are there */
    assert_int_equal(behind.calls, before.calls);
    assert_int_equal(behind.pushes, before.pushes);
    assert_int_equal(behind.lists, 0);
}

/* n_steps is odd at each begin of these tests: the next step is not chosen. */
static void to_an_odd_step(void)
{
    if (n_steps % 2 == 0)
        step_at(0x10000);
}

static void test_other_addresses(void **state)
{
    (void)state;
    to_an_odd_step();
    step_at(0x90000);
    const uint64_t of = became(); /* that step, empty, is like none before */
    assert_true(of != GP_REPEAT_WHOLE && of != GP_REPEAT_OUTLINE);
    assert_int_equal(capture().lists, 0); /* no block outlives the step */
}

static void test_a_step_like_none_before(void **state)
{
    (void)state;
    to_an_odd_step();
    begin();
    allocate(0x10000, 12345);
    give_back(0x10000);
    end();
    assert_int_equal(became(), GP_REPEAT_WHOLE);
}

/* A block that outlives the step is known by its address, before and behind. */
static void test_lists_of_addresses(void **state)
{
    (void)state;
    struct seen seen;
    to_an_odd_step();
    for (uint64_t i = 0; i < 8; i++) { /* made in one step, freed in the next */
        begin();
        allocate(0x100000 + 0x1000 * i, 777);
        if (i)
            give_back(0x100000 + 0x1000 * (i - 1));
        end();
    }
    begin();
    seen = capture();
    /* The first and the second are like none before. Of the others half are chosen, and of the rest
       each has addresses of its own. */
    assert_in_range(seen.lists, 2, 4);
    give_back(0x100000 + 0x1000 * 7);
    end();
}

/* While another thread is in the middle of a record the step cannot be told, and stays whole. */
static void test_a_record_under_way(void **state)
{
    (void)state;
    to_an_odd_step();
    begin();
    allocate(0x10000, 100);
    allocate(0x11000, 200);
    uint64_t *record = gp_writer_reserve(&gp_writer, 2);
    assert_non_null(record);
    for (unsigned i = 0; i < 10; i++)
        gp_emit_call(GP_API_cudaMemset, (const uint64_t[]){0x10000}, 1, 0);
    give_back(0x11000);
    give_back(0x10000);
    end();
    const uint64_t used = gp_writer.used;
    begin();
    assert_true(gp_writer.used > used);
    record[1] = 0;
    gp_writer_commit(record, gp_head(GP_RECORD_MARK, 2, gp_thread_own->index, 0));
    end();
    const struct seen seen = capture();
    assert_int_equal(seen.last, GP_REPEAT_WHOLE);
    to_an_odd_step();
    step_at(0x10000); /* and goes on as before */
    const uint64_t of = became();
    assert_true(of != GP_REPEAT_WHOLE && of != GP_REPEAT_OUTLINE);
    assert_int_equal(gp_writer_header(&gp_writer)->events_lost, 0);
}

static void *other_thread(void *context)
{
    (void)context;
    gp_string("a name of another thread");
    for (unsigned i = 0; i < 20; i++)
        gp_emit_call(GP_API_cudaMemset, (const uint64_t[]){0x10000}, 1, 0);
    return NULL;
}

/* Names and threads that were first there in a step that is taken back are still there. */
static void test_what_others_refer_to(void **state)
{
    (void)state;
    pthread_t thread;
    to_an_odd_step();
    const struct seen before = capture();
    begin();
    allocate(0x10000, 100);
    allocate(0x11000, 200);
    assert_int_equal(pthread_create(&thread, NULL, other_thread, NULL), 0);
    pthread_join(thread, NULL);
    give_back(0x11000);
    give_back(0x10000);
    end();
    const uint32_t id = gp_string("a name of another thread");
    const uint64_t of = became();
    assert_true(of != GP_REPEAT_WHOLE && of != GP_REPEAT_OUTLINE);
    const struct seen behind = capture();
    assert_int_equal(behind.threads, before.threads + 1);
    assert_int_equal(behind.strings, before.strings + 1);
    assert_int_equal(behind.calls, before.calls);
    assert_int_equal(gp_string("a name of another thread"), id);
}

/* Threads write as fast as they can while steps are taken back: nothing is lost, each thread's
   records stand in order, and what it allocated is there. */
#define WRITERS 4
#define ROUNDS  2000
static atomic_bool stopped;

static void *write_on(void *index)
{
    const uint64_t address = UINT64_C(0x1000000) * (*(const unsigned *)index + 1u);
    while (!atomic_load(&stopped)) {
        allocate(address, 64);
        give_back(address);
    }
    allocate(address, 64);
    return NULL;
}

static void test_threads_go_on(void **state)
{
    (void)state;
    pthread_t threads[WRITERS];
    unsigned indexes[WRITERS];
    for (unsigned i = 0; i < WRITERS; i++) {
        indexes[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, write_on, &indexes[i]), 0);
    }
    for (unsigned i = 0; i < ROUNDS / 20; i++)
        step_at(0x10000);
    atomic_store(&stopped, true);
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    begin();
    end();
    const struct seen seen = capture();
    assert_int_equal(gp_writer_header(&gp_writer)->events_lost, 0);
    assert_true(seen.allocs > 0);
}

static int start(void **state)
{
    return gp_step_filter_steps("auto") && gp_step_filter_patterns("step") ? recorder_start(state)
                                                                           : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_steps),
        cmocka_unit_test(test_other_addresses),
        cmocka_unit_test(test_a_step_like_none_before),
        cmocka_unit_test(test_lists_of_addresses),
        cmocka_unit_test(test_a_record_under_way),
        cmocka_unit_test(test_what_others_refer_to),
        cmocka_unit_test(test_threads_go_on),
    };
    return cmocka_run_group_tests(tests, start, recorder_stop);
}
