/* Reading captures that are cut, corrupt, newer or not captures at all. */
#include "short_builder.h"
#include "small_training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_all(struct capture *capture)
{
    struct capture_event event;
    while (capture_next(capture, &event))
        ;
    return capture->end != CAPTURE_END_CORRUPT;
}

/* The next event is what stands in `payload`. */
static void expect_event(struct capture *capture, enum gp_record_type type, const uint64_t *payload,
                         unsigned words)
{
    struct capture_event event, peeked;
    do
        assert_true(capture_next(capture, &event));
    while (event.type == GP_RECORD_KIND);
    size_t at = event.offset;
    assert_true(capture_peek(capture, &at, &peeked));
    assert_int_equal(at, capture->at);
    assert_int_equal(event.type, type);
    assert_int_equal(peeked.type, type);
    assert_int_equal(event.payload_words, words);
    assert_int_equal(peeked.payload_words, words);
    assert_memory_equal(event.payload, payload, words * 8UL);
    assert_memory_equal(peeked.payload, payload, words * 8UL);
}

static void short_forms_are_read_as_long(void **state)
{
    (void)state;
    struct builder builder;
    struct capture capture;
    build_begin(&builder);
    const size_t before = builder.size;
    build_kind(&builder, 7, GP_RECORD_ALLOC, 4096, 0x30001);
    build_short(&builder, GP_RECORD_ALLOC, 7, (const uint64_t[]){0x7f0000000200}, 1);
    build_kind(&builder, 2, GP_RECORD_RANGE_PUSH, 0x100000005, 0);
    builder.now_ns += 0x123456; /* in both parts of the head's delta */
    build_short(&builder, GP_RECORD_RANGE_PUSH, 2, (const uint64_t[]){0}, 0);
    build_kind(&builder, 65535, GP_RECORD_CALL, 3u << 16 | 9, UINT64_C(0x7f) << 5 | 1);
    build_short(&builder, GP_RECORD_CALL, 65535, (const uint64_t[]){0x2000000001, 0}, 2);
    build_short(&builder, GP_RECORD_ALLOC, 7, (const uint64_t[]){0}, 1);
    build_write(&builder, builder.size);
    assert_true(capture_open(&capture, builder.path));
    for (unsigned pass = 0; pass < 2; pass++) {
        while (capture.at < before) {
            struct capture_event event;
            assert_true(capture_next(&capture, &event));
        }
        expect_event(&capture, GP_RECORD_ALLOC, (const uint64_t[]){0x7f0000000200, 4096, 0x30001},
                     3);
        expect_event(&capture, GP_RECORD_RANGE_PUSH, (const uint64_t[]){0x100000005}, 1);
        const uint64_t high = UINT64_C(0x7f0) << 36;
        expect_event(&capture, GP_RECORD_CALL,
                     (const uint64_t[]){3u << 16 | 9, high | 0x10, high | 0x200, 0}, 4);
        expect_event(&capture, GP_RECORD_ALLOC, (const uint64_t[]){0, 4096, 0x30001}, 3);
        assert_int_equal(capture.thread_ns[0], builder.now_ns);
        capture_rewind(&capture);
    }
    capture_close(&capture);
    build_end(&builder);
}

/* Cut at every byte: the steps that are whole are reported, and nothing else happens. */
static void cut_anywhere(void **state)
{
    (void)state;
    struct builder builder;
    small_training(&builder, 3);
    size_t step_ends[3] = {0};
    size_t n_ends = 0;
    struct analysis whole;
    assert_int_equal(build_analyse(&builder, &whole, NULL), ANALYSIS_DONE);
    for (size_t s = 0; s < whole.steps.n_steps; s++)
        step_ends[n_ends++] = whole.steps.steps[s].end_offset + 16; /* a POP has two words */
    analysis_free(&whole);
    assert_int_equal(n_ends, 3);

    for (size_t bytes = 0; bytes <= builder.size; bytes++) {
        size_t complete = 0;
        while (complete < 3 && step_ends[complete] <= bytes)
            complete++;
        build_write(&builder, bytes);
        struct analysis analysis;
        enum analysis_result result = analysis_run(&analysis, builder.path, NULL);
        if (bytes < sizeof(struct gp_capture_header)) {
            assert_int_equal(result, ANALYSIS_BAD_CAPTURE);
        } else {
            assert_int_equal(result, complete ? ANALYSIS_DONE : ANALYSIS_NO_STEP);
            assert_int_equal(analysis.steps.n_complete, complete);
            assert_int_not_equal(analysis.capture.end, CAPTURE_END_CORRUPT);
            assert_int_equal(analysis.account.violations, 0);
        }
        if (result == ANALYSIS_DONE)
            assert_int_equal(analysis.rows.n_ops, 8);
        analysis_free(&analysis);
    }
    build_end(&builder);
}

static void zero_head_is_the_end(void **state)
{
    (void)state;
    struct builder builder;
    struct capture capture;
    small_training(&builder, 1);
    size_t end = builder.size;
    uint64_t zeros[8] = {0};
    builder.now_ns = builder.thread_ns[0];
    build_record(&builder, 0, 0, zeros, 7);
    memset(builder.data + end, 0, 8);
    build_push(&builder, 0, "behind the hole");
    build_write(&builder, builder.size);
    assert_true(capture_open(&capture, builder.path));
    assert_true(read_all(&capture));
    assert_int_equal(capture.end, CAPTURE_END_ZERO);
    assert_int_equal(capture.at, end);
    capture_close(&capture);
    build_end(&builder);
}

static void unknown_types_are_skipped(void **state)
{
    (void)state;
    struct builder builder;
    struct capture capture;
    uint64_t payload[4] = {1, 2, 3, 4};
    build_begin(&builder);
    builder.now_ns += 70;
    build_record(&builder, 0, 100, payload, 4);
    builder.now_ns += 50;
    build_short(&builder, 101, 3, payload, 4);
    builder.now_ns += 30;
    build_push(&builder, 0, "x");
    build_write(&builder, builder.size);
    assert_true(capture_open(&capture, builder.path));
    struct capture_event event;
    struct capture_event last = {0};
    while (capture_next(&capture, &event))
        last = event;
    assert_int_equal(last.type, GP_RECORD_RANGE_PUSH);
    assert_int_equal(last.ns, builder.now_ns); /* the skipped record's time counts */
    assert_int_equal(capture.skipped, 2);
    assert_int_equal(capture.end, CAPTURE_END_FILE);
    capture_close(&capture);
    build_end(&builder);
}

static void expect_refused(struct builder *builder, const char *words)
{
    struct capture capture;
    build_write(builder, builder->size);
    assert_false(capture_open(&capture, builder->path));
    assert_non_null(strstr(capture.fault, builder->path));
    assert_non_null(strstr(capture.fault, words));
}

static void other_files_are_refused(void **state)
{
    (void)state;
    struct builder builder;
    build_begin(&builder);
    struct gp_capture_header *header = (void *)builder.data;
    header->header_bytes = 4096;
    expect_refused(&builder, "byte 12");
    header->header_bytes = 17;
    expect_refused(&builder, "byte 12");
    header->version = 77;
    expect_refused(&builder, "found 77");
    header->magic[0] = 'x';
    expect_refused(&builder, "byte 0");
    build_end(&builder);

    struct capture capture;
    assert_false(capture_open(&capture, "/nonexistent/capture"));
    assert_non_null(strstr(capture.fault, "/nonexistent/capture: cannot open"));
    assert_false(capture_open(&capture, "/tmp"));
}

/* A record whose parts do not fit: what stood before is kept, and the fault names the byte. */
static void expect_corrupt(struct builder *builder, size_t at, const char *words)
{
    char byte[32];
    struct analysis analysis;
    snprintf(byte, sizeof byte, "byte %zu:", at);
    assert_int_equal(build_analyse(builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.capture.end, CAPTURE_END_CORRUPT);
    assert_non_null(strstr(analysis.capture.fault, byte));
    assert_non_null(strstr(analysis.capture.fault, words));
    assert_int_equal(analysis.steps.n_complete, 1);
    assert_int_equal(analysis.capture.at, at);
    analysis_free(&analysis);
    build_end(builder);
}

static void corrupt_records_are_named(void **state)
{
    (void)state;
    struct builder builder;
    uint64_t zeros[8] = {0};
    small_training(&builder, 1);
    size_t at = builder.size;
    build_record(&builder, 0, GP_RECORD_ALLOC, zeros, 1);
    expect_corrupt(&builder, at, "fixed part");

    small_training(&builder, 1);
    at = builder.size;
    struct gp_record_string string = {5000, 9};
    uint64_t words[2] = {0};
    memcpy(words, &string, sizeof string);
    build_record(&builder, 0, GP_RECORD_STRING, words, 2);
    expect_corrupt(&builder, at, "longer than its record");

    small_training(&builder, 1);
    at = builder.size;
    struct gp_record_call call = {.api = 1, .n_operands = 3};
    memcpy(words, &call, sizeof call);
    build_record(&builder, 0, GP_RECORD_CALL, words, 2);
    expect_corrupt(&builder, at, "more operands");

    small_training(&builder, 1);
    at = builder.size;
    builder.thread_ns[9] = builder.now_ns;
    build_record(&builder, 9, GP_RECORD_RANGE_POP, zeros, 1);
    expect_corrupt(&builder, at, "not introduced");

    small_training(&builder, 1);
    at = builder.size;
    uint64_t head = GP_RECORD_ALLOC; /* no words at all: must not be read for ever */
    build_record(&builder, 0, GP_RECORD_ALLOC, zeros, 3);
    memcpy(builder.data + at, &head, sizeof head);
    expect_corrupt(&builder, at, "fixed part");
}

static void corrupt_short_forms_are_named(void **state)
{
    (void)state;
    static const struct {
        unsigned kind, words;
    } bad[] = {{2, 1}, {3, 1}, {1, 0}, {1, 2}}; /* none; a push's; too short; too long */
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct builder builder;
        small_training(&builder, 1);
        build_kind(&builder, 1, GP_RECORD_FREE, 5, 0);
        build_kind(&builder, 3, GP_RECORD_RANGE_PUSH, 5, 0);
        const size_t at = builder.size;
        build_short(&builder, GP_RECORD_FREE, bad[i].kind, (const uint64_t[]){0, 0}, bad[i].words);
        expect_corrupt(&builder, at, "no kind of its");
    }
    struct builder builder;
    small_training(&builder, 1);
    const size_t at = builder.size;
    build_kind(&builder, GP_KINDS_MAX, GP_RECORD_FREE, 5, 0);
    expect_corrupt(&builder, at, "too high a number");
}

/* Any byte of the file may be anything: never a crash (the sanitizers watch). */
static void survives_noise(void **state)
{
    (void)state;
    struct builder builder;
    small_training(&builder, 2);
    unsigned char *good = malloc(builder.size);
    assert_non_null(good);
    memcpy(good, builder.data, builder.size);
    srand(11);
    for (int round = 0; round < 1500; round++) {
        memcpy(builder.data, good, builder.size);
        for (int i = 0; i < 3; i++)
            builder.data[(size_t)rand() % builder.size] = (unsigned char)rand();
        struct analysis analysis;
        build_analyse(&builder, &analysis, NULL);
        assert_int_equal(analysis.account.violations, 0);
        analysis_free(&analysis);
    }
    free(good);
    build_end(&builder);
}

/* Reads all, each record as what stands at its place in the file. */
static void expect_as_it_stands(const struct builder *builder, uint64_t records)
{
    struct capture capture;
    struct capture_event event;
    uint64_t read = 0;
    assert_true(capture_open(&capture, builder->path));
    for (; capture_next(&capture, &event); read++) {
        struct capture_event peeked = {0};
        size_t at = event.offset;
        assert_true(capture_peek(&capture, &at, &peeked));
        assert_int_equal(at, capture.at);
        assert_int_equal(event.type, peeked.type);
        assert_int_equal(event.payload_words, peeked.payload_words);
        assert_memory_equal(event.payload, peeked.payload, event.payload_words * 8UL);
    }
    assert_int_equal(capture.end, CAPTURE_END_FILE);
    assert_int_equal(event.ns, builder->now_ns);
    assert_true(read >= records && read == capture.records);
    capture_close(&capture);
}

/* The reader reads by blocks, in which records lie as it happens. */
static void records_across_blocks(void **state)
{
    (void)state;
    enum {
        RECORDS = 3000,
        WORDS_MOST = 500
    };
    static const uint64_t words[WORDS_MOST] = {7, 8, 9};
    struct builder builder;
    build_begin(&builder);
    build_kind(&builder, 1, GP_RECORD_CALL, 3u << 16 | API_SYNC, UINT64_C(0x7f) << 5 | 1);
    build_kind(&builder, 2, GP_RECORD_FREE, 5, 0);
    for (uint64_t i = 0; i < RECORDS; i++) {
        builder.now_ns += i;
        if (i % 3 == 0)
            build_record(&builder, 0, GP_RECORD_TEXT, words, 1 + i * 7 % WORDS_MOST);
        else if (i % 3 == 1)
            build_short(&builder, GP_RECORD_CALL, 1, (const uint64_t[]){i << 33 | i, i}, 2);
        else
            build_short(&builder, GP_RECORD_FREE, 2, &i, 1);
    }
    build_write(&builder, builder.size);
    expect_as_it_stands(&builder, RECORDS);
    build_close(&builder);
    build_write(&builder, builder.size);
    expect_as_it_stands(&builder, RECORDS + 1);
    build_end(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(zero_head_is_the_end),
        cmocka_unit_test(unknown_types_are_skipped),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(corrupt_records_are_named),
        cmocka_unit_test(short_forms_are_read_as_long),
        cmocka_unit_test(corrupt_short_forms_are_named),
        cmocka_unit_test(survives_noise),
        cmocka_unit_test(records_across_blocks),
    };
    return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
