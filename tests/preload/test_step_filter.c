#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "step_filter.h"

static void test_patterns(void **state)
{
    (void)state;
    assert_true(gp_step_filter_patterns("step*,iter*"));
    assert_true(gp_step_filter_is_step(1, "step 12"));
    assert_true(gp_step_filter_is_step(2, "iteration"));
    assert_false(gp_step_filter_is_step(3, "Step 1"));
    assert_false(gp_step_filter_is_step(4, "forward"));
    assert_true(gp_step_filter_is_step(4, "step 1") == false); /* known by its id */
    assert_true(gp_step_filter_is_step(0, "step 1"));          /* 0 is no id */
    assert_true(gp_step_filter_is_step(1u << 30, "step 1"));   /* too high to be kept */
    assert_true(gp_step_filter_patterns("epoch ?,,[ab]"));
    assert_true(gp_step_filter_is_step(10, "epoch 7"));
    assert_false(gp_step_filter_is_step(11, "epoch 17"));
    assert_true(gp_step_filter_is_step(12, "b"));
}

static void test_patterns_refused(void **state)
{
    (void)state;
    char many[600];
    for (unsigned i = 0; i < sizeof many; i++)
        many[i] = ',';
    many[sizeof many - 1] = '\0';
    assert_false(gp_step_filter_patterns(many));
    for (unsigned i = 0; i < sizeof many - 1; i++)
        many[i] = 'x';
    assert_false(gp_step_filter_patterns(many));
    assert_true(gp_step_filter_patterns("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p"));
    assert_false(gp_step_filter_patterns("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q"));
}

static void test_steps(void **state)
{
    (void)state;
    assert_true(gp_step_filter_steps("all"));
    assert_true(gp_step_filter_wants(0, false) && gp_step_filter_wants(UINT64_MAX, false));
    assert_true(gp_step_filter_steps("2-5,10,100-"));
    static const struct {
        uint64_t step;
        int wanted;
    } expected[] = {{0, 0},  {1, 0},  {2, 1},  {5, 1},   {6, 0},      {9, 0},
                    {10, 1}, {11, 0}, {99, 0}, {100, 1}, {1000000, 1}};
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(gp_step_filter_wants(expected[i].step, false), expected[i].wanted);
    assert_true(gp_step_filter_steps("0"));
    assert_true(gp_step_filter_wants(0, false) && !gp_step_filter_wants(1, false));
}

static void test_auto(void **state)
{
    (void)state;
    assert_true(gp_step_filter_steps("auto"));
    for (uint64_t step = 0; step < 256; step++)
        assert_true(gp_step_filter_wants(step, false));
    unsigned n = 0;
    for (uint64_t step = 256; step < 512; step++)
        n += gp_step_filter_wants(step, false);
    assert_int_equal(n, 128);
    for (uint64_t step = 512; step < 100000; step++)
        n += gp_step_filter_wants(step, false);
    assert_in_range(n, 128 * 8, 128 * 9);
    assert_false(gp_step_filter_wants(100001, false));
    assert_true(gp_step_filter_wants(100001, true));
    assert_true(gp_step_filter_wants(UINT64_C(1) << 63, false));
    assert_false(gp_step_filter_wants(UINT64_MAX, false));
    assert_true(gp_step_filter_steps("3"));
    assert_false(gp_step_filter_wants(4, true)); /* what was asked for and no more */
}

static void test_steps_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    "-",   "x",  "1,", ",1",  "1-2-3", "5-2",  "-3",
        "1 2", "1;2", "+1", " 1", "1-x", "all,1", "1--2", "99999999999999999999999"};
    assert_true(gp_step_filter_steps("7"));
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (gp_step_filter_steps(bad[i]))
            fail_msg("'%s' was taken", bad[i]);
    assert_true(gp_step_filter_wants(7, false) &&
                !gp_step_filter_wants(1, false)); /* nothing was taken */
}

/* How many of the recorded steps from the one number to before the other are timed. */
static int auto_timed(uint64_t from, uint64_t to)
{
    int timed = 0;
    for (uint64_t recorded = from; recorded < to; recorded++)
        timed += gp_step_filter_times(recorded, recorded);
    return timed;
}

static void test_time_steps(void **state)
{
    (void)state;
    assert_true(gp_step_filter_time_steps("auto"));
    assert_false(gp_step_filter_times(0, 0));
    assert_true(gp_step_filter_times(1, 1) && gp_step_filter_times(100, 31));
    assert_int_equal(auto_timed(0, 32), 16);
    for (uint64_t from = 32; from < 1 << 20; from *= 2)
        assert_int_equal(auto_timed(from, 2 * from), 8);
    assert_true(gp_step_filter_time_steps("every:2"));
    assert_false(gp_step_filter_times(0, 0));
    assert_true(gp_step_filter_times(1, 1));
    assert_true(gp_step_filter_times(100, 1)); /* the second that is recorded */
    assert_true(gp_step_filter_time_steps("every:3"));
    assert_false(gp_step_filter_times(0, 0) || gp_step_filter_times(1, 1));
    assert_true(gp_step_filter_times(2, 2) && gp_step_filter_times(5, 5));
    assert_true(gp_step_filter_time_steps("all"));
    assert_true(gp_step_filter_times(0, 0) && gp_step_filter_times(7, 3));
    assert_true(gp_step_filter_time_steps("3-4"));
    assert_true(gp_step_filter_times(4, 0) && !gp_step_filter_times(5, 4));
    assert_true(gp_step_filter_time_steps("none"));
    assert_false(gp_step_filter_times(0, 0) || gp_step_filter_times(1, 1));
    static const char *const bad[] = {"",        "every",     "every:", "every:0",
                                      "every:x", "every:2,3", "None"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (gp_step_filter_time_steps(bad[i]))
            fail_msg("'%s' was taken", bad[i]);
    assert_false(gp_step_filter_times(1, 1)); /* nothing was taken */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),   cmocka_unit_test(test_patterns_refused),
        cmocka_unit_test(test_steps),      cmocka_unit_test(test_steps_refused),
        cmocka_unit_test(test_time_steps), cmocka_unit_test(test_auto),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
