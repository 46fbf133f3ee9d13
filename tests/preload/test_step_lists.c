/* The lists of addresses of steps that repeat others: what the recorder leaves out of them, and
   that each still says what the step did. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "emit.h"
#include "ranges.h"
#include "recorder.h"
#include "step_filter.h"

#define BLOCKS 12
/* From here on one step in four stays whole: behind it stand three that are judged. */
#define FIRST 512

static unsigned n_steps; /* that began */
static uint64_t live[BLOCKS];
static uint64_t kept; /* as large as these */

/* What the step that is over did: the addresses in the order of its records. */
static uint64_t expected[2 * BLOCKS];
static unsigned n_expected;

static const void *at(uint64_t address)
{
    return (const void *)(uintptr_t)address; // NOLINT(performance-no-int-to-ptr): nobody follows it
}
static void allocate(uint64_t address)
{
    gp_emit_alloc(GP_API_cudaMalloc, at(address), 500, GP_SPACE_DEVICE, NULL);
}
static void give_back(uint64_t address)
{
    gp_emit_free(GP_API_cudaFree, at(address), GP_SPACE_DEVICE, NULL);
}
static void outer(uint64_t address) { expected[n_expected++] = address; }

static uint64_t new_address(void)
{
    static uint64_t random = 7;
    random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    static uint64_t n;
    return (random >> 40 << 20 | n++) << 9;
}

static void begin(void)
{
    gp_range_push(0, gp_name_of("step", 4), true);
    n_steps++;
}
static void end(void) { gp_range_pop(0, true); }

/* Frees what the step before left, the n-th at place n * factor, the last one of it only if not
   `other`, which is freed instead; and leaves as many. */
static void step(unsigned factor, uint64_t other)
{
    const uint64_t inside = new_address();
    n_expected = 0;
    begin();
    allocate(inside);
    for (unsigned i = 0; i < BLOCKS; i++) {
        const uint64_t address = other && i == BLOCKS - 1 ? other : live[(i * factor + 3) % BLOCKS];
        give_back(address);
        outer(address);
    }
    for (unsigned i = 0; i < 20; i++)
        gp_emit_call(GP_API_cudaMemset, &inside, 1, 0);
    if (other)
        kept = live[((BLOCKS - 1) * factor + 3) % BLOCKS];
    for (unsigned i = 0; i < BLOCKS; i++) {
        live[i] = new_address();
        allocate(live[i]);
        outer(live[i]);
    }
    give_back(inside);
    end();
}

/* The capture's last but one REPEAT record: of the step that is over, once the next has begun. */
static struct seen {
    struct gp_record_repeat last, open;
    unsigned orders, outlines;
} seen;
static void see(uint64_t head, const void *payload, void *data)
{
    (void)data;
    seen.orders += gp_head_type(head) == GP_RECORD_ORDER;
    if (gp_head_type(head) != GP_RECORD_REPEAT)
        return;
    seen.last = seen.open;
    memcpy(&seen.open, payload, sizeof seen.open);
    seen.outlines += seen.open.of == GP_REPEAT_OUTLINE;
}

static const uint64_t *record_at(uint64_t place)
{
    return (const uint64_t *)(const void *)gp_writer.base + place;
}

/* Reads a list by the words of capture_format.h; how long it is. */
static unsigned read_numbers(const uint64_t *payload, uint64_t *numbers)
{
    struct gp_record_addresses head;
    memcpy(&head, payload, sizeof head);
    const unsigned char *byte = (const unsigned char *)(payload + 1);
    uint64_t sum = 0;
    assert_in_range(head.n, 1, 2 * BLOCKS);
    for (unsigned i = 0; i < head.n; i++) {
        uint64_t number = 0;
        unsigned shift = 0;
        do
            number |= (uint64_t)(*byte & 0x7f) << shift, shift += 7;
        while (*byte++ & 0x80);
        sum += number & 1 ? ~(number >> 1) : number >> 1;
        numbers[i] = sum << head.shift;
    }
    return head.n;
}

/* Begins a step, and tells what list the one before has: 0 none, for it stayed. Checks that the
   list says what the step did. */
static unsigned list_type(void)
{
    seen = (struct seen){0};
    begin();
    assert_int_equal(walk(gp_writer.base, gp_writer.mapped, 0, see, NULL), gp_writer.used);
    end();
    const struct gp_record_repeat repeat = seen.last;
    assert_int_equal(repeat.void_words, 0);
    if (repeat.of == GP_REPEAT_WHOLE || repeat.of == GP_REPEAT_OUTLINE)
        return 0;
    const uint64_t *record = record_at(repeat.addresses);
    const unsigned type = gp_head_type(*record);
    uint64_t own[2 * BLOCKS], before[2 * BLOCKS], order[2 * BLOCKS];
    if (type == GP_RECORD_ADDRESSES) {
        assert_int_equal(read_numbers(record + 1, own), n_expected);
        assert_memory_equal(own, expected, n_expected * sizeof *own);
        return type;
    }
    struct gp_record_addresses_left left;
    assert_int_equal(type, GP_RECORD_ADDRESSES_LEFT);
    memcpy(&left, record + 1, sizeof left);
    const unsigned n_left = read_numbers(record + 2, own);
    const unsigned before_is_left =
        gp_head_type(*record_at(left.before)) == GP_RECORD_ADDRESSES_LEFT;
    const unsigned n_before = read_numbers(record_at(left.before) + 1 + before_is_left, before);
    assert_int_equal(gp_head_type(*record_at(left.order)), GP_RECORD_ORDER);
    const unsigned n_freed = read_numbers(record_at(left.order) + 1, order);
    assert_int_equal(n_freed, BLOCKS);
    assert_int_equal(n_freed + n_left, n_expected);
    for (unsigned i = 0; i < n_freed; i++) {
        assert_in_range(order[i], 0, n_before - 1);
        assert_int_equal(before[order[i]], expected[i]);
    }
    assert_memory_equal(own, expected + n_freed, n_left * sizeof *own);
    return type;
}

/* To where the next step is one that stays, by its number. */
static void to_a_whole_step(void)
{
    while (n_steps % 4)
        step(5, 0);
}

/* A step that is empty stands behind each that is looked at; so are those of the others. */
static void step_and_empty(unsigned factor, uint64_t other, unsigned type)
{
    step(factor, other);
    assert_int_equal(list_type(), type);
}

/* Behind steps that stay the list has all; behind one that has a list, what it frees is left out.
 */
static void test_what_the_step_before_left(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BLOCKS; i++)
        allocate(live[i] = new_address());
    kept = new_address();
    allocate(kept);
    while (n_steps < FIRST)
        step(5, 0);
    for (unsigned round = 0; round < 20; round++) {
        to_a_whole_step();
        step(5, 0); /* stays */
        step(5, 0);
        step(5, 0);
        step_and_empty(5, 0, GP_RECORD_ADDRESSES_LEFT);
        assert_int_equal(seen.orders, 2); /* of the list with all, and of the one without */
    }
    to_a_whole_step();
    step(5, 0);
    step_and_empty(5, 0, GP_RECORD_ADDRESSES);
}

/* The numbers of the blocks are another order's: it is written once, and the first is still known.
 */
static void test_another_order(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        to_a_whole_step();
        step(7, 0);
        step(7, 0);
        step_and_empty(7, 0, GP_RECORD_ADDRESSES_LEFT);
        assert_int_equal(seen.orders, 3);
        to_a_whole_step();
        step(5, 0);
        step(5, 0);
        step_and_empty(5, 0, GP_RECORD_ADDRESSES_LEFT);
        assert_int_equal(seen.orders, 3);
    }
}

/* One of the blocks is not of the step before: the list has all. The one behind it is as ever. */
static void test_another_block(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        to_a_whole_step();
        step(5, 0);
        step(5, 0);
        step_and_empty(5, kept, GP_RECORD_ADDRESSES);
        to_a_whole_step();
        step(5, 0);
        step(5, kept);
        step_and_empty(5, 0, GP_RECORD_ADDRESSES_LEFT);
    }
}

/* A refused free keeps a step from repeating another: its outline stays (of the second; the first
   is like none before), and the list of the step behind it has all. */
static void test_a_refused_free(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        to_a_whole_step();
        step(5, 0);
        begin();
        for (unsigned i = 0; i < 20; i++)
            gp_emit_call(GP_API_cudaMemset, &kept, 1, 0);
        give_back(kept);
        gp_emit_free_failed(at(kept));
        end();
        step_and_empty(5, 0, GP_RECORD_ADDRESSES);
        assert_int_equal(seen.outlines, round);
    }
    assert_int_equal(gp_writer_header(&gp_writer)->events_lost, 0);
}

static int start(void **state)
{
    return gp_step_filter_steps("auto") && gp_step_filter_patterns("step") ? recorder_start(state)
                                                                           : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_step_before_left),
        cmocka_unit_test(test_another_order),
        cmocka_unit_test(test_another_block),
        cmocka_unit_test(test_a_refused_free),
    };
    return cmocka_run_group_tests(tests, start, recorder_stop);
}
