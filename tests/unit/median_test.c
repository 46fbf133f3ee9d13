/* Medians and deviations worked out by hand. */
#include "capture_builder.h"

#include "account/median.h"

static void lower_median(void **state)
{
    (void)state;
    uint64_t odd[] = {5, 1, 9};
    assert_int_equal(median_lower(odd, 3), 5);
    uint64_t even[] = {4, 1, 3, 2};
    assert_int_equal(median_lower(even, 4), 2);
    uint64_t one[] = {7};
    assert_int_equal(median_lower(one, 1), 7);
    assert_int_equal(median_lower(NULL, 0), 0);
}

static void deviation(void **state)
{
    (void)state;
    /* median 3; distances 2 1 0 1 97: sorted 0 1 1 2 97 */
    uint64_t values[] = {1, 2, 3, 4, 100};
    assert_int_equal(median_deviation(values, 5), 1);
    /* lower median 2; distances 1 0 8 9: sorted 0 1 8 9, the lower one 1 */
    uint64_t even[] = {1, 2, 10, 11};
    assert_int_equal(median_deviation(even, 4), 1);
    uint64_t same[] = {6, 6, 6};
    assert_int_equal(median_deviation(same, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lower_median),
        cmocka_unit_test(deviation),
    };
    return cmocka_run_group_tests_name("median", tests, NULL, NULL);
}
