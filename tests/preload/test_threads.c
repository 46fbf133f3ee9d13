#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "emit.h"
#include "recorder.h"

/* What a reader knows of the threads: each index's clock, put together from the deltas. */
struct clocks {
    uint64_t ns[GP_THREADS_MAX];
    uint32_t highest_index;
    unsigned introduced, times;
};

static void take(uint64_t head, const void *payload, void *data)
{
    struct clocks *clocks = data;
    const uint32_t thread = gp_head_thread(head);
    switch (gp_head_type(head)) {
    case GP_RECORD_THREAD:
        clocks->ns[thread] = ((const struct gp_record_thread *)payload)->monotonic_ns;
        clocks->introduced++;
        if (thread > clocks->highest_index)
            clocks->highest_index = thread;
        break;
    case GP_RECORD_TIME:
        clocks->ns[thread] = ((const struct gp_record_time *)payload)->monotonic_ns;
        clocks->times++;
        break;
    default:
        assert_int_not_equal(clocks->ns[thread], 0); /* introduced before */
        clocks->ns[thread] += gp_head_delta(head);
        break;
    }
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct clocks clocks;

static void *emit_some(void *data)
{
    (void)data;
    gp_depth_enter();
    for (int i = 0; i < 10; i++)
        gp_emit_range_pop(0);
    gp_depth_leave();
    return NULL;
}

static void run_threads(unsigned n)
{
    pthread_t threads[64];
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, emit_some, NULL), 0);
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
}

/* Indexes come back when threads end: memory goes by how many live at once. */
static void test_indexes_are_used_again(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        run_threads(8);
    recorder_read(take, &clocks);
    assert_int_equal(clocks.introduced, 1 + 50 * 8);
    assert_in_range(clocks.highest_index, 1, 8);
}

static pthread_key_t late_key;
static void emit_late(void *data) { emit_some(data); }
static void *set_late_key(void *data)
{
    pthread_setspecific(late_key, &late_key);
    return emit_some(data);
}

/* A destructor of the program's that runs after ours. */
static void test_events_while_a_thread_ends(void **state)
{
    (void)state;
    pthread_t thread;
    recorder_read(take, &clocks);
    assert_int_equal(pthread_key_create(&late_key, emit_late), 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pthread_create(&thread, NULL, set_late_key, NULL), 0);
        pthread_join(thread, NULL);
    }
    clocks.introduced = 0;
    recorder_read(take, &clocks);
    assert_int_equal(clocks.introduced, 40);
    assert_in_range(clocks.highest_index, 1, 8); /* given back all the same */
    pthread_key_delete(late_key);
}

static void test_times(void **state)
{
    (void)state;
    const uint32_t index = gp_thread_self()->index;
    const uint64_t before = now();
    gp_emit_range_pop(0);
    const uint64_t after = now();
    recorder_read(take, &clocks);
    assert_in_range(clocks.ns[index], before, after);
}

/* A delta has 32 bits: after more than 4.3 s stands an absolute time. */
static void test_a_long_pause(void **state)
{
    (void)state;
    struct gp_thread *thread = gp_thread_self();
    recorder_read(take, &clocks);
    clocks.times = 0;
    thread->last_ns -= UINT64_C(5000000000); /* as if its last record were so old */
    const uint64_t before = now();
    gp_emit_range_pop(0);
    const uint64_t after = now();
    recorder_read(take, &clocks);
    assert_int_equal(clocks.times, 1);
    assert_in_range(clocks.ns[thread->index], before, after);
}

/* More threads than there are indexes: what the others do is lost, and counted. */
static void *wait_at(void *data)
{
    pthread_barrier_t *barrier = data;
    emit_some(NULL);
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void test_too_many_threads(void **state)
{
    (void)state;
    const unsigned n = GP_THREADS_MAX + 4;
    pthread_barrier_t barrier;
    pthread_attr_t attributes;
    pthread_t *threads = calloc(n, sizeof *threads);
    unsigned made = 0;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 128 << 10);
    const uint64_t lost = gp_writer_header(&gp_writer)->events_lost;
    pthread_barrier_init(&barrier, NULL, n + 1);
    while (made < n && pthread_create(&threads[made], &attributes, wait_at, &barrier) == 0)
        made++;
    pthread_attr_destroy(&attributes);
    if (made < n) /* left behind at the barrier: the process ends soon */
        skip();
    pthread_barrier_wait(&barrier);
    const uint64_t lost_now = gp_writer_header(&gp_writer)->events_lost;
    pthread_barrier_wait(&barrier);
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    /* This thread has an index too, so five of the others go without. */
    assert_int_equal(lost_now - lost, 5 * 10);
    recorder_read(take, &clocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_indexes_are_used_again),
        cmocka_unit_test(test_events_while_a_thread_ends),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_a_long_pause),
        cmocka_unit_test(test_too_many_threads),
    };
    return cmocka_run_group_tests(tests, recorder_start, recorder_stop);
}
