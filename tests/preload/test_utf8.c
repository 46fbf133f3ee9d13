#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "utf8.h"

static void expect(const wchar_t *text, size_t room, const char *expected)
{
    char bytes[64];
    memset(bytes, '#', sizeof bytes);
    const size_t n = gp_utf8(text, bytes, room);
    assert_int_equal(n, strlen(expected));
    assert_memory_equal(bytes, expected, n);
    assert_int_equal(bytes[n], '#');
}

static void test_characters(void **state)
{
    (void)state;
    expect(NULL, 60, "");
    expect(L"", 60, "");
    expect(L"step 1", 60, "step 1");
    static const wchar_t edges[] = {0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff, 0};
    expect(edges, 60,
           "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    static const wchar_t none[] = {'a', 0xd800, 0x110000, -1, 'b', 0};
    expect(none, 60,
           "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
           "b");
}

static void test_cut_between_characters(void **state)
{
    (void)state;
    expect(L"abc", 2, "ab");
    expect(L"a\u00e4", 2, "a");
    expect(L"a\u00e4", 3, "a\xc3\xa4");
    expect(L"\U0001F600", 3, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
