/*
 * Steps that repeat an earlier one, read out: at what addresses their blocks lie. By hand: a step
 * frees two blocks of 100 bytes, makes three, and frees the last of these, of 50 bytes; so do four
 * steps behind it. Of these the first has a list of all addresses, the others of what they leave,
 * and say of what they free which numbers it has in the list of the step before:
 *
 * - step 1 frees 0x4000 0x3000 and leaves 0x6000 0x7000;
 * - step 2 frees 0x7000 0x6000, numbers 3 and 2, and leaves 0x1000 0x2000;
 * - step 3 frees 0x2000 0x1000, numbers 1 and 0, and leaves 0x3000 0x4000;
 * - step 4 frees 0x4000 0x3000, the same numbers, and leaves 0x8000 0x9000.
 */
#include "capture_builder.h"

#include <stdlib.h>
#include <string.h>

#define N_STEPS 5
static const uint64_t addresses[N_STEPS][4] = {{0x1000, 0x2000, 0x3000, 0x4000},
                                               {0x4000, 0x3000, 0x6000, 0x7000},
                                               {0x7000, 0x6000, 0x1000, 0x2000},
                                               {0x2000, 0x1000, 0x3000, 0x4000},
                                               {0x4000, 0x3000, 0x8000, 0x9000}};

static struct builder builder;
static uint32_t step_name;     /* string id */
static uint32_t place_of_step; /* places as in the file: in words */
static size_t ends[N_STEPS];   /* of the steps and their lists, in bytes */
static size_t list_at[N_STEPS], order_at[N_STEPS];

static uint32_t place(void) { return (uint32_t)(builder.size / 8); }

/* A record with a list of numbers, behind one word of its own where it has one. */
static void build_list(enum gp_record_type type, const uint64_t *own, const uint64_t *numbers,
                       unsigned n)
{
    uint64_t payload[16] = {0};
    const unsigned at = own ? 1 : 0;
    unsigned char *bytes = (unsigned char *)(payload + at + 1);
    struct gp_record_addresses head = {n, 0, 0};
    uint64_t before = 0;
    for (unsigned i = 0; i < n; before = numbers[i++]) {
        uint64_t number =
            numbers[i] >= before ? (numbers[i] - before) * 2 : (before - numbers[i]) * 2 - 1;
        for (; number > 0x7f; number >>= 7)
            bytes[head.bytes++] = (unsigned char)(number | 0x80);
        bytes[head.bytes++] = (unsigned char)number;
    }
    if (own)
        payload[0] = *own;
    memcpy(payload + at, &head, sizeof head);
    build_record(&builder, 0, type, payload, at + 1 + (head.bytes + 7U) / 8);
}

/* The step that the others repeat. */
static void build_step(void)
{
    const struct gp_record_repeat whole = {.of = GP_REPEAT_WHOLE};
    build_begin(&builder);
    step_name = build_string(&builder, "step 1");
    build_alloc(&builder, 0, 0x2000, 100);
    build_alloc(&builder, 0, 0x1000, 100);
    place_of_step = place();
    build_record(&builder, 0, GP_RECORD_REPEAT, &whole, sizeof whole / 8);
    build_push(&builder, 0, "step 1");
    build_free(&builder, 0, 0x1000);
    build_free(&builder, 0, 0x2000);
    build_alloc(&builder, 0, 0x3000, 100);
    build_alloc(&builder, 0, 0x4000, 100);
    build_alloc(&builder, 0, 0x5000, 50);
    build_free(&builder, 0, 0x5000);
    builder.now_ns += 1000;
    build_pop(&builder, 0);
    ends[0] = builder.size;
}

static uint32_t build_repeat(uint32_t void_words)
{
    const uint32_t behind = place() + 1 + (uint32_t)(sizeof(struct gp_record_repeat) / 8);
    const uint64_t filler[4] = {0};
    builder.now_ns += 1000;
    const struct gp_record_repeat repeat = {.of = place_of_step,
                                            .void_words = void_words,
                                            .begin_ns = builder.now_ns - 900,
                                            .end_ns = builder.now_ns,
                                            .name = step_name,
                                            .n_inside = 6,
                                            .addresses = behind};
    build_record(&builder, 0, GP_RECORD_REPEAT, &repeat, sizeof repeat / 8);
    if (void_words)
        build_record(&builder, 0, GP_RECORD_VOID, filler, void_words - 1);
    return behind;
}

/* Step `s` with a list of what it left; n_numbers 0: with the order of the step before. */
static void build_left(unsigned s, uint32_t before, const uint64_t *numbers, unsigned n_numbers,
                       uint32_t void_words)
{
    const uint32_t at = build_repeat(void_words);
    uint32_t order = (uint32_t)(order_at[s - 1] / 8);
    order_at[s] = order_at[s - 1];
    list_at[s] = builder.size;
    if (n_numbers) {
        order = at + 4; /* behind a record of head, places, length and a word of numbers */
        order_at[s] = builder.size + 32;
    }
    const uint64_t own = before | (uint64_t)order << 32;
    build_list(GP_RECORD_ADDRESSES_LEFT, &own, addresses[s] + 2, 2);
    assert_int_equal(builder.size, list_at[s] + 32);
    if (n_numbers)
        build_list(GP_RECORD_ORDER, NULL, numbers, n_numbers);
    ends[s] = builder.size;
}

static uint32_t list_place(unsigned s) { return (uint32_t)(list_at[s] / 8); }

/* The first `n` of the steps; the last with void words behind its record. */
static void build_steps(unsigned n, uint32_t void_words)
{
    build_step();
    for (unsigned s = 1; s < n; s++) {
        const uint32_t words = s == n - 1 ? void_words : 0;
        if (s == 1) {
            build_repeat(words);
            list_at[s] = builder.size;
            order_at[s] = 0;
            build_list(GP_RECORD_ADDRESSES, NULL, addresses[s], 4);
            ends[s] = builder.size;
        } else {
            build_left(s, list_place(s - 1),
                       s == 2 ? (const uint64_t[]){3, 2} : (const uint64_t[]){1, 0}, s == 4 ? 0 : 2,
                       words);
        }
    }
}

/* Reads the file: the steps that come whole, each as it was worked out. */
static unsigned read_steps(enum capture_end *end)
{
    static const uint64_t bytes[] = {0, 0, 100, 100, 50};
    struct capture capture;
    struct capture_event event;
    unsigned n = 0, n_memory = 0;
    uint64_t inside = 0;
    bool open = false;
    assert_true(capture_open(&capture, builder.path));
    while (capture_next(&capture, &event)) {
        if (event.type == GP_RECORD_RANGE_PUSH) {
            open = true;
            n_memory = 0;
        }
        if (event.type == GP_RECORD_RANGE_POP) {
            assert_int_equal(n_memory, 6);
            open = false;
            n++;
        }
        if (!open || (event.type != GP_RECORD_ALLOC && event.type != GP_RECORD_FREE))
            continue;
        const bool is_alloc = n_memory >= 2 && n_memory < 5;
        assert_int_equal(event.type, is_alloc ? GP_RECORD_ALLOC : GP_RECORD_FREE);
        if (is_alloc)
            assert_int_equal(event.payload[1], bytes[n_memory]);
        if (n_memory < 4)
            assert_int_equal(event.payload[0], addresses[n][n_memory]);
        else if (n_memory == 4)
            inside = event.payload[0];
        else
            assert_int_equal(event.payload[0], inside);
        n_memory++;
    }
    *end = capture.end;
    capture_close(&capture);
    return n;
}

static void addresses_of_each_step(void **state)
{
    (void)state;
    enum capture_end end;
    struct analysis analysis;
    for (uint32_t void_words = 0; void_words < 4; void_words++)
        for (unsigned n = 2; n <= N_STEPS; n++) {
            build_steps(n, void_words);
            build_write(&builder, builder.size);
            assert_int_equal(read_steps(&end), n);
            assert_int_equal(end, CAPTURE_END_FILE);
            build_end(&builder);
        }
    build_steps(N_STEPS, 0);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.steps.n_complete, N_STEPS);
    assert_int_equal(analysis.account.replay.faults.unknown_frees, 0);
    assert_int_equal(analysis.account.replay.faults.missed_frees, 0);
    assert_int_equal(analysis.identify.devices[0].live, 200);
    assert_int_equal(analysis.account.violations, 0);
    analysis_free(&analysis);
    build_end(&builder);
}

/* Cut at every byte: the steps before the cut are there, and a list that is cut is no fault. */
static void cut_anywhere(void **state)
{
    (void)state;
    enum capture_end end;
    build_steps(N_STEPS, 0);
    for (size_t size = ends[0]; size <= builder.size; size++) {
        unsigned whole = 0;
        while (whole < N_STEPS && ends[whole] <= size)
            whole++;
        build_write(&builder, size);
        assert_int_equal(read_steps(&end), whole);
        assert_int_equal(end, size == ends[whole - 1] ? CAPTURE_END_FILE : CAPTURE_END_CUT);
    }
    build_end(&builder);
}

/* Lists of all were there before. */
static void version_3(void **state)
{
    (void)state;
    enum capture_end end;
    build_steps(2, 0);
    ((struct gp_capture_header *)(void *)builder.data)->version = 3;
    build_write(&builder, builder.size);
    assert_int_equal(read_steps(&end), 2);
    assert_int_equal(end, CAPTURE_END_FILE);
    build_end(&builder);
}

static void expect_corrupt(void)
{
    struct capture capture;
    struct capture_event event;
    build_write(&builder, builder.size);
    assert_true(capture_open(&capture, builder.path));
    while (capture_next(&capture, &event))
        ;
    assert_int_equal(capture.end, CAPTURE_END_CORRUPT);
    assert_non_null(strstr(capture.fault, "repeats none before"));
    capture_close(&capture);
    build_end(&builder);
}

static void lists_that_do_not_fit(void **state)
{
    (void)state;
    build_steps(3, 0); /* a number that is too high */
    build_left(3, list_place(2), (const uint64_t[]){1, 2}, 2, 0);
    expect_corrupt();
    build_steps(3, 0); /* more numbers than blocks were freed */
    build_left(3, list_place(2), (const uint64_t[]){1, 0, 1}, 3, 0);
    expect_corrupt();
    build_steps(3, 0); /* the list before is none: an order, a step, itself, the file's header */
    build_left(3, (uint32_t)(order_at[2] / 8), (const uint64_t[]){1, 0}, 2, 0);
    expect_corrupt();
    build_steps(3, 0);
    build_left(3, place_of_step, (const uint64_t[]){1, 0}, 2, 0);
    expect_corrupt();
    build_steps(3, 0);
    build_left(3, place() + 1 + (uint32_t)(sizeof(struct gp_record_repeat) / 8),
               (const uint64_t[]){1, 0}, 2, 0);
    expect_corrupt();
    build_steps(3, 0);
    build_left(3, 0, (const uint64_t[]){1, 0}, 2, 0);
    expect_corrupt();
    build_steps(3, 0); /* and so is the order */
    order_at[2] = list_at[2];
    build_left(3, list_place(2), (const uint64_t[]){0}, 0, 0);
    expect_corrupt();
    build_steps(2, 0); /* a list that says it has more than it has room for */
    memset(builder.data + list_at[1] + 8, 0xff, 4);
    expect_corrupt();
    build_steps(3, 0);
    memset(builder.data + list_at[2] + 16, 0xff, 4);
    expect_corrupt();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_each_step),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(version_3),
        cmocka_unit_test(lists_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
