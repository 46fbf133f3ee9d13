#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "step_filter.h"

static void clear(void)
{
    for (int i = 0; i < GP_OPTION_COUNT; i++)
        unsetenv(gp_option_variables[i]);
}

static void test_defaults(void **state)
{
    (void)state;
    char expected[PATH_MAX + 64], here[PATH_MAX];
    clear();
    setenv("GRAPHPROF_OUT", "", 1); /* empty is as if it were not there */
    gp_options_read();
    assert_non_null(getcwd(here, sizeof here));
    snprintf(expected, sizeof expected, "%s/graphprof.%ld", here, (long)getpid());
    assert_string_equal(gp_options()->out, expected);
    assert_true(gp_options()->report);
    assert_int_equal(gp_options()->verbose, 0);
    assert_int_equal(gp_options()->probe_step, UINT64_MAX);
    assert_true(gp_step_filter_is_step(0, "step 1"));
    assert_true(gp_step_filter_wants(123, false));
}

/* As the launchers set them. The first row of rank.def that has a whole number counts. */
static void test_ranks(void **state)
{
    static const char *const variables[] = {"RANK",
                                            "WORLD_SIZE",
                                            "TORCHELASTIC_RUN_ID",
                                            "OMPI_COMM_WORLD_RANK",
                                            "OMPI_COMM_WORLD_SIZE",
                                            "PMI_RANK",
                                            "PMI_SIZE",
                                            "PMIX_RANK",
                                            "SLURM_PROCID",
                                            "SLURM_NTASKS"};
    static const struct {
        const char *set; /* NAME=VALUE, with spaces between them */
        const char *out; /* GRAPHPROF_OUT */
        const char *path;
        long rank, size;
        bool shared;
    } cases[] = {
        {"", "/x/%r", "/x/0", 0, 0, false},
        {"OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 SLURM_PROCID=1", "/x/%r", "/x/3", 3, 4,
         false},
        {"OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4", "/x", "/x", 3, 4, true},
        {"OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4", "/x/%p%%r", NULL, 3, 4, false},
        {"OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4", "/x/%%r", "/x/%r", 3, 4, true},
        {"OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1", "/x", "/x", 0, 1, false},
        {"PMI_RANK=5 PMI_SIZE=8", "/%r%r", "/55", 5, 8, false},
        {"PMIX_RANK=6", "/x", "/x", 6, 0, true},
        {"SLURM_PROCID=2 SLURM_NTASKS=3 RANK=1 WORLD_SIZE=9", "/%r", "/2", 2, 3, false},
        {"SLURM_PROCID=0 SLURM_NTASKS=2 RANK=7 WORLD_SIZE=16 TORCHELASTIC_RUN_ID=none", "/%r", "/7",
         7, 16, false},
        {"RANK=1 WORLD_SIZE=2", "/%r", "/1", 1, 2, false},
        {"RANK=captain WORLD_SIZE=2", "/%r", "/0", 0, 0, false},
        {"RANK=-1 PMI_RANK=1x", "/%r", "/0", 0, 0, false},
        {"RANK=4 WORLD_SIZE=4", "/%r", "/4", 4, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char set[256], *rest = set;
        clear();
        for (size_t v = 0; v < sizeof variables / sizeof variables[0]; v++)
            unsetenv(variables[v]);
        snprintf(set, sizeof set, "%s", cases[i].set);
        for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
            char *const value = strchr(word, '=');
            *value = '\0';
            setenv(word, value + 1, 1);
        }
        setenv("GRAPHPROF_OUT", cases[i].out, 1);
        gp_options_read();
        if (cases[i].path)
            assert_string_equal(gp_options()->out, cases[i].path);
        assert_int_equal(gp_options()->rank.rank, cases[i].rank);
        assert_int_equal(gp_options()->rank.size, cases[i].size);
        assert_int_equal(gp_options()->out_is_shared, cases[i].shared);
    }
    for (size_t v = 0; v < sizeof variables / sizeof variables[0]; v++)
        unsetenv(variables[v]);
}

static void test_values(void **state)
{
    (void)state;
    char expected[PATH_MAX], host[HOST_NAME_MAX + 1] = {0};
    clear();
    setenv("GRAPHPROF_OUT", "/x/%h-%p/100%%/%q/%r%", 1);
    setenv("GRAPHPROF_STEP", "epoch*", 1);
    setenv("GRAPHPROF_STEPS", "3-4", 1);
    setenv("GRAPHPROF_REPORT", "no", 1);
    setenv("GRAPHPROF_VERBOSE", "2", 1);
    setenv("GRAPHPROF_PROBE_STEP", "12", 1);
    gp_options_read();
    gethostname(host, sizeof host);
    snprintf(expected, sizeof expected, "/x/%s-%ld/100%%/%%q/0%%", host, (long)getpid());
    assert_string_equal(gp_options()->out, expected);
    assert_false(gp_options()->report);
    assert_int_equal(gp_options()->verbose, 2);
    assert_int_equal(gp_options()->probe_step, 12);
    assert_true(gp_step_filter_is_step(0, "epoch 1") && !gp_step_filter_is_step(0, "step 1"));
    assert_true(gp_step_filter_wants(3, false) && !gp_step_filter_wants(5, false));
}

static void test_refused(void **state)
{
    (void)state;
    char longer[PATH_MAX + 100];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    clear();
    setenv("GRAPHPROF_OUT", longer, 1);
    setenv("GRAPHPROF_STEP", longer, 1);
    setenv("GRAPHPROF_STEPS", "1-x", 1);
    setenv("GRAPHPROF_REPORT", "maybe", 1);
    setenv("GRAPHPROF_VERBOSE", "10", 1);
    setenv("GRAPHPROF_PROBE_STEP", "1-2", 1);
    gp_options_read();
    assert_int_equal(gp_options()->probe_step, UINT64_MAX);
    assert_non_null(strstr(gp_options()->out, "/graphprof."));
    assert_string_equal(gp_options()->value[GP_OPTION_STEP], "step*,iter*");
    assert_string_equal(gp_options()->value[GP_OPTION_STEPS], "auto");
    assert_true(gp_options()->report);
    assert_int_equal(gp_options()->verbose, 0);
    assert_true(gp_step_filter_is_step(0, "step 1") && gp_step_filter_wants(7, false));
}

static void test_place_in_nvtx(void **state)
{
    (void)state;
    unsetenv("NVTX_INJECTION64_PATH");
    assert_null(gp_options_claim_nvtx("/lib/ours.so"));
    assert_string_equal(getenv("NVTX_INJECTION64_PATH"), "/lib/ours.so");
    assert_null(gp_options_claim_nvtx("/lib/ours.so")); /* inherited from a parent */
    setenv("NVTX_INJECTION64_PATH", "/lib/theirs.so", 1);
    assert_string_equal(gp_options_claim_nvtx("/lib/ours.so"), "/lib/theirs.so");
    assert_string_equal(getenv("NVTX_INJECTION64_PATH"), "/lib/theirs.so");
}

static void test_place_in_the_driver(void **state)
{
    (void)state;
    unsetenv("CUDA_INJECTION64_PATH");
    assert_null(gp_options_claim_cuda("/lib/ours.so"));
    assert_string_equal(getenv("CUDA_INJECTION64_PATH"), "/lib/ours.so");
    assert_null(gp_options_claim_cuda("/copy/ours.so")); /* a copy of this library */
    setenv("CUDA_INJECTION64_PATH", "/lib/theirs.so", 1);
    assert_string_equal(gp_options_claim_cuda("/lib/ours.so"), "/lib/theirs.so");
    assert_string_equal(getenv("CUDA_INJECTION64_PATH"), "/lib/theirs.so");
}

static void test_environment_of_a_child(void **state)
{
    (void)state;
    setenv("LD_PRELOAD", "", 1);
    setenv("LD_PRELOADED", "kept", 1);
    setenv("GRAPHPROF_OUT", "/x", 1);
    setenv("LD_LIBRARY_PATH", "/kept", 1);
    char **environment = gp_options_child_environment();
    unsigned kept = 0;
    for (char **entry = environment; *entry; entry++) {
        assert_int_not_equal(strncmp(*entry, "LD_PRELOAD=", 11), 0);
        assert_int_not_equal(strncmp(*entry, "NVTX_INJECTION64_PATH=", 22), 0);
        assert_int_not_equal(strncmp(*entry, "CUDA_INJECTION64_PATH=", 22), 0);
        assert_int_not_equal(strncmp(*entry, "GRAPHPROF_", 10), 0);
        kept += strcmp(*entry, "LD_PRELOADED=kept") == 0 ||
                strcmp(*entry, "LD_LIBRARY_PATH=/kept") == 0;
    }
    assert_int_equal(kept, 2);
    free(environment);
    unsetenv("LD_PRELOAD");
    unsetenv("LD_LIBRARY_PATH");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_place_in_nvtx),
        cmocka_unit_test(test_place_in_the_driver),
        cmocka_unit_test(test_environment_of_a_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
