#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "step_changes.h"

static bool step(uint64_t first, uint64_t second)
{
    gp_step_changes_note(1, first);
    gp_step_changes_note(1, second);
    gp_step_changes_note(2, 0);
    return gp_step_changes_next();
}

static void test_a_step_like_one_before_is_known(void **state)
{
    (void)state;
    assert_true(step(100, 200));
    assert_false(step(100, 200));
    assert_false(step(200, 100)); /* threads come in any order */
    assert_true(step(100, 201));
    assert_true(step(100, 100));
    assert_true(step(0, 0));
    assert_false(step(100, 200));
    assert_false(step(100, 201));
    gp_step_changes_note(1, 100);
    assert_true(gp_step_changes_next());
    gp_step_changes_note(2, 100);
    assert_true(gp_step_changes_next());
    assert_true(gp_step_changes_next()); /* nothing at all */
    assert_false(gp_step_changes_next());
}

static void test_there_is_an_end_to_what_is_told_apart(void **state)
{
    (void)state;
    unsigned changes = 0;
    for (unsigned i = 0; i < 3 * GP_STEP_CHANGES_MAX; i++)
        changes += step(1000 + i, i);
    assert_in_range(changes, GP_STEP_CHANGES_MAX / 2, GP_STEP_CHANGES_MAX);
    assert_false(step(1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_step_like_one_before_is_known),
        cmocka_unit_test(test_there_is_an_end_to_what_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
