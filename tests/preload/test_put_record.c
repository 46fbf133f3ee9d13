/* Records in short form: when they are, and that they say the same. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "emit.h"
#include "graphprof/short_form.h"
#include "put_record.h"
#include "recorder.h"

/* What was written since the last look, as it stands in the capture. */
struct written {
    unsigned records, brief, kinds, voids, words;
};
static uint64_t looked_up_to;
static struct written look(void)
{
    struct written written = {0};
    for (; looked_up_to < gp_writer.used;) {
        const uint64_t head = *(const uint64_t *)(const void *)(gp_writer.base + looked_up_to);
        written.records++;
        written.brief += gp_head_is_short(head);
        written.kinds += gp_head_type(head) == GP_RECORD_KIND;
        written.voids += gp_head_type(head) == GP_RECORD_VOID;
        written.words = gp_head_words(head);
        looked_up_to += written.words * sizeof head;
    }
    return written;
}
static void forget_so_far(void)
{
    recorder_skip();
    looked_up_to = gp_writer.used;
}

/* The last record of each type, in long form. */
struct said {
    unsigned words[128];
    uint64_t payload[128][64];
    uint64_t ns;
};
static void listen(uint64_t head, const void *payload, void *data)
{
    struct said *said = data;
    const unsigned type = gp_head_type(head), words = gp_head_words(head) - 1;
    said->words[type] = words;
    memcpy(said->payload[type], payload, words * sizeof(uint64_t));
    said->ns = type == GP_RECORD_TIME || type == GP_RECORD_THREAD ? said->payload[type][0]
                                                                  : said->ns + gp_head_delta(head);
}

/* Puts the same record three times: whole, then behind its KIND, then brief alone. */
static void expect_short(enum gp_record_type type, const uint64_t *fixed, unsigned n_fixed,
                         const uint64_t *operands, unsigned n, unsigned short_words)
{
    for (unsigned time = 0; time < 3; time++) {
        struct said said = {0};
        forget_so_far();
        assert_true(gp_put(type, fixed, n_fixed * 8UL, operands, n * 8UL));
        const struct written written = look();
        assert_int_equal(written.records, time == 1 ? 2 : 1);
        assert_int_equal(written.kinds, time == 1);
        assert_int_equal(written.brief, time > 0);
        assert_int_equal(written.words, time ? short_words : 1 + n_fixed + n);
        recorder_read(listen, &said);
        assert_int_equal(said.words[type], n_fixed + n);
        assert_memory_equal(said.payload[type], fixed, n_fixed * 8UL);
        if (n)
            assert_memory_equal(said.payload[type] + n_fixed, operands, n * 8UL);
    }
}

static void expect_call(const uint64_t *operands, unsigned n, unsigned short_words)
{
    static uint16_t api;
    const struct gp_record_call call = {++api, (uint16_t)n, 3};
    uint64_t word;
    memcpy(&word, &call, sizeof word);
    expect_short(GP_RECORD_CALL, &word, 1, operands, n, short_words);
}

static void test_each_type(void **state)
{
    (void)state;
    expect_short(GP_RECORD_ALLOC, (const uint64_t[]){0x7f0000001200, 4096, 0x5000100010003}, 3,
                 NULL, 0, 2);
    expect_short(GP_RECORD_FREE, (const uint64_t[]){UINT64_MAX, 0x5000100010004}, 2, NULL, 0, 2);
    expect_short(GP_RECORD_RANGE_PUSH, (const uint64_t[]){0x200000007}, 1, NULL, 0, 1);
    expect_short(GP_RECORD_RANGE_POP, (const uint64_t[]){0x200000000}, 1, NULL, 0, 1);
    expect_short(GP_RECORD_MARK, (const uint64_t[]){9}, 1, NULL, 0, 1);
    const struct gp_record_kernel kernel = {
        7, 8, UINT64_C(1) << 60, (UINT64_C(1) << 60) + 99, 13, 1, 2, 0, 77};
    uint64_t words[5];
    memcpy(words, &kernel, sizeof words);
    expect_short(GP_RECORD_KERNEL, words, 5, NULL, 0, 4);
    words[3]++; /* another stream */
    expect_short(GP_RECORD_KERNEL, words, 4, NULL, 0, 3);
}

static void test_operands(void **state)
{
    (void)state;
    uint64_t many[GP_SHORT_PAYLOAD_MAX];
    for (unsigned i = 0; i < GP_SHORT_PAYLOAD_MAX; i++)
        many[i] = UINT64_C(0x7f0000000010) + UINT64_C(0x10) * i;
    expect_call(NULL, 0, 1);
    expect_call(many, 1, 2);
    expect_call(many, 2, 2);
    expect_call((const uint64_t[]){0x302000000, 0, 0x302000100}, 3, 3);
    expect_call((const uint64_t[]){0, 0}, 2, 3);                        /* both not given */
    expect_call((const uint64_t[]){0x302000000, 0x302000001}, 2, 3);    /* no multiple of 16 */
    expect_call((const uint64_t[]){0x302000000, 0x7f0302000000}, 2, 3); /* far apart */
    expect_call((const uint64_t[]){0x1000000000, 0x1000000010}, 2, 3);  /* would read as 0 */
    expect_call(many, 2 * GP_SHORT_OWN_MAX, GP_SHORT_WORDS_MAX);
}

/* More operands than fit are written whole each time. */
static void test_too_many_operands(void **state)
{
    (void)state;
    uint64_t operands[GP_SHORT_PAYLOAD_MAX] = {0};
    for (unsigned time = 0; time < 3; time++) {
        forget_so_far();
        gp_put(GP_RECORD_CALL, (const uint64_t[]){0x12345}, 8, operands, sizeof operands);
        assert_int_equal(look().brief, 0);
    }
}

/* What fits no short form's 24 bits of ns. */
static void test_time(void **state)
{
    (void)state;
    const uint64_t push = 0x300000001;
    for (unsigned time = 0; time < 4; time++) {
        struct said said = {.ns = gp_thread_own->last_ns};
        forget_so_far();
        if (time == 2)
            gp_thread_own->last_ns -= UINT64_C(2) * GP_SHORT_DELTA_MAX;
        if (time == 3)
            gp_thread_owe(gp_thread_own->index, 2 * (uint64_t)UINT32_MAX);
        said.ns = gp_thread_own->last_ns - (time == 3 ? 2 * (uint64_t)UINT32_MAX : 0);
        assert_true(gp_put(GP_RECORD_RANGE_PUSH, &push, sizeof push, NULL, 0));
        const struct written written = look();
        assert_int_equal(written.brief, time == 1 || time == 3);
        assert_int_equal(written.records, time == 1 || time == 3 ? 2 : 1); /* KIND, TIME */
        recorder_read(listen, &said);
        assert_int_equal(said.ns, gp_thread_own->last_ns);
        assert_int_equal(gp_thread_own->owed_ns, 0);
    }
}

/* What occurs once has no kind. */
static void test_once(void **state)
{
    (void)state;
    forget_so_far();
    for (uint64_t name = 1000; name < 3000; name++)
        gp_emit_range_push((uint32_t)name, 0);
    const struct written written = look();
    assert_int_equal(written.kinds, 0);
    assert_int_equal(written.brief, 0);
    assert_int_equal(written.records, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_type),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_too_many_operands),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_once),
    };
    return cmocka_run_group_tests(tests, recorder_start, recorder_stop);
}
