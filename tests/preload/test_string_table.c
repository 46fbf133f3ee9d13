#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "emit.h"
#include "recorder.h"
#include "string_table.h"

#define THREADS 8
#define NAMES   3000
#define IDS_MAX 200000

static const char *texts[IDS_MAX];
static uint32_t lengths[IDS_MAX];

struct found {
    uint32_t strings, marks;
};

static void take(uint64_t head, const void *payload, void *data)
{
    struct found *found = data;
    if (gp_head_type(head) == GP_RECORD_STRING) {
        const struct gp_record_string *string = payload;
        assert_in_range(string->id, 1, IDS_MAX - 1);
        assert_null(texts[string->id]); /* given once */
        texts[string->id] = (const char *)(string + 1);
        lengths[string->id] = string->length;
        found->strings++;
    } else if (gp_head_type(head) == GP_RECORD_MARK) {
        const struct gp_record_mark *mark = payload;
        assert_non_null(texts[mark->name]); /* written before it is used */
        found->marks++;
    }
}

static void test_by_content(void **state)
{
    (void)state;
    char a[] = "one name", b[] = "one name";
    struct found found = {0};
    recorder_read(take, &found);
    found.strings = 0;
    const uint32_t id = gp_string(a);
    assert_int_not_equal(id, 0);
    assert_int_equal(gp_string(b), id);
    a[0] = 'O';
    assert_int_not_equal(gp_string(a), id);
    assert_int_equal(gp_string_bytes("one names", 8), id);
    assert_int_equal(gp_string(NULL), 0);
    const uint32_t empty = gp_string("");
    assert_true(empty != 0 && empty != id);
    recorder_read(take, &found);
    assert_int_equal(found.strings, 3);
    assert_int_equal(lengths[id], 8);
    assert_memory_equal(texts[id], "one name", 8);
    assert_int_equal(lengths[empty], 0);
}

static void test_long_names_are_cut(void **state)
{
    (void)state;
    static char text[GP_STRING_BYTES_MAX + 100];
    struct found found = {0};
    memset(text, 'x', sizeof text - 1);
    const uint32_t id = gp_string(text);
    text[GP_STRING_BYTES_MAX - 1] = '\xc3'; /* a character across the limit */
    text[GP_STRING_BYTES_MAX] = '\xa4';
    const uint32_t other = gp_string(text);
    recorder_read(take, &found);
    assert_int_equal(lengths[id], GP_STRING_BYTES_MAX);
    assert_int_equal(lengths[other], GP_STRING_BYTES_MAX - 1);
}

static uint32_t ids[THREADS][NAMES];

static void *intern_all(void *index)
{
    const unsigned thread = *(const unsigned *)index;
    char text[64];
    for (unsigned i = 0; i < NAMES; i++) {
        const unsigned name = thread % 2 ? NAMES - 1 - i : i;
        snprintf(text, sizeof text, "layer%u.conv", name);
        gp_depth_enter();
        ids[thread][name] = gp_string(text);
        gp_emit_mark(ids[thread][name], 0);
        gp_depth_leave();
    }
    return NULL;
}

static void test_many_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    unsigned indexes[THREADS];
    struct found found = {0};
    recorder_skip();
    for (unsigned i = 0; i < THREADS; i++) {
        indexes[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, intern_all, &indexes[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    recorder_read(take, &found);
    assert_int_equal(found.strings, NAMES);
    assert_int_equal(found.marks, THREADS * NAMES);
    for (unsigned i = 0; i < NAMES; i++) {
        char text[64];
        snprintf(text, sizeof text, "layer%u.conv", i);
        assert_int_equal(lengths[ids[0][i]], strlen(text));
        assert_memory_equal(texts[ids[0][i]], text, strlen(text));
        for (int j = 1; j < THREADS; j++)
            assert_int_equal(ids[j][i], ids[0][i]);
    }
}

/* The table is bounded: beyond it a name is written each time, and those it has stay found. */
static void test_full_table(void **state)
{
    (void)state;
    char text[64];
    struct found found = {0};
    const uint32_t early = gp_string("early");
    for (unsigned i = 0; i < GP_STRINGS_MAX; i++) {
        snprintf(text, sizeof text, "filling %u", i);
        gp_string(text);
    }
    recorder_read(take, &found);
    found.strings = 0;
    const uint32_t once = gp_string("late"), again = gp_string("late");
    assert_true(once != 0 && again != 0 && once != again);
    assert_int_equal(gp_string("early"), early);
    recorder_read(take, &found);
    assert_int_equal(found.strings, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_content),
        cmocka_unit_test(test_long_names_are_cut),
        cmocka_unit_test(test_many_threads),
        cmocka_unit_test(test_full_table),
    };
    return cmocka_run_group_tests(tests, recorder_start, recorder_stop);
}
