/* Kernels' names as one reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/kernel_name.h"

static char to[KERNEL_NAME_BYTES];

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *full;
    } expected[] = {
        {"adam_update", "adam_update"}, /* extern "C" */
        {"_Z3addPKfPfi", "add"},
        {"_Z3addIfEvPT_i", "add<float>"},
        {"_ZN2at6native29vectorized_elementwise_kernelILi4ENS0_"
         "11FillFunctorIfEESt5arrayIPcLm1EEEEviT0_T1_",
         "at::native::vectorized_elementwise_kernel<4, at::native::FillFunctor<float>, "
         "std::array<char*, 1ul> >"},
        {"_ZN12_GLOBAL__N_15scaleIfEEvPT_S1_", "(anonymous namespace)::scale<float>"},
        {"_ZN3OpsIiE3runIfEEvT_PFvvE", "Ops<int>::run<float>"}, /* takes a function */
        {"_Znot a name", "_Znot a name"},
        {"_Z", "_Z"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_string_equal(kernel_name_full(expected[i].symbol, to), expected[i].full);
}

/* A name that is too long stays a symbol, whole. */
static void too_long(void **state)
{
    (void)state;
    char symbol[KERNEL_NAME_BYTES + 32] = "_Z5000";
    memset(symbol + strlen(symbol), 'x', KERNEL_NAME_BYTES);
    assert_ptr_equal(kernel_name_full(symbol, to), symbol);
    char whole[5100] = "_Z5000";
    memset(whole + 6, 'x', 5000);
    whole[5006] = 'v';
    assert_ptr_equal(kernel_name_full(whole, to), whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(too_long)};
    return cmocka_run_group_tests_name("kernel_name", tests, NULL, NULL);
}
