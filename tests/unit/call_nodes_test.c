/*
 * Steps without ranges: the period of a sequence, names of calls, and which record belongs to which
 * call's node.
 */
#include "fixture.h"
#include "graphprof/call_name.h"
#include "replay/period.h"

#include <string.h>

#define HOST 0x10u /* an address that is no device's */

/* Each letter is a symbol. */
static bool find(const char *text, struct period *found)
{
    uint64_t symbols[256];
    const size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        symbols[i] = (uint64_t)text[i];
    return period_find(symbols, n, found);
}

static void the_longest_repetition_tells(void **state)
{
    (void)state;
    struct period found;
    /* Four steps of 8 with an inner repetition of b behind a set-up, with one cut off at the end:
       the repetition begins at the first a and is 4 * 8 + 3 long. */
    assert_true(find("xyzbbbbabbbbcdeabbbbcdeabbbbcdeabbbbcdeabbqrs", &found));
    assert_int_equal(found.period, 8);
    assert_int_equal(found.first, 7);
    assert_int_equal(found.length, 35);
    /* Another begins before its first whole step where the set-up ends like one. */
    assert_true(find("xycdabcdabcdabcd", &found));
    assert_int_equal(found.period, 4);
    assert_int_equal(found.first, 2);
    assert_int_equal(found.length, 14);
    assert_false(find("abcdeabcdefg", &found)); /* twice is too few */
    assert_false(find("abcdefgh", &found));
    assert_false(find("", &found));
}

static void plain(const char *name, const char *expected)
{
    char text[64];
    gp_kernel_plain_name(name, text, sizeof text);
    assert_string_equal(text, expected);
}

static void kernels_have_plain_names(void **state)
{
    (void)state;
    char small[5];
    plain("sgd_update", "sgd_update");
    plain("_Z10sgd_updatePfPKfi", "sgd_update");
    plain("_ZN3app3opt4adamIfEEvPT_", "adam");
    plain("_ZL4fillPf", "fill");
    plain("_ZN12_GLOBAL__N_14fillEPf", "fill");
    plain("_Z99short", "_Z99short"); /* no such length: as it is */
    plain("_Z", "_Z");
    gp_kernel_plain_name("sgd_update", small, sizeof small);
    assert_string_equal(small, "sgd_");
}

static void calls_are_counted(void **state)
{
    (void)state;
    struct gp_call_every call;
    assert_true(gp_call_every_parse("cudnnBackendExecute:ConvolutionForward", &call));
    assert_string_equal(call.name, "cudnnBackendExecute:ConvolutionForward");
    assert_int_equal(call.every, 1);
    assert_true(gp_call_every_parse("a:b:12", &call));
    assert_string_equal(call.name, "a:b");
    assert_int_equal(call.every, 12);
    assert_false(gp_call_every_parse("a:0", &call));
    assert_false(gp_call_every_parse("a:1x", &call));
    assert_true(gp_call_is("cublasSgemm_v2", "cublasSgemm"));
    assert_true(gp_call_is("cublasSgemm_v2_64", "cublasSgemm"));
    assert_false(gp_call_is("cublasSgemmEx", "cublasSgemm"));
    assert_true(gp_kernel_is("_ZN3app4adamEv", "adam"));
}

static const struct node_account *in_one_step(const char *name)
{
    for (size_t i = 0; i < analysis.nodes.n_nodes; i++)
        if (strcmp(analysis.nodes.nodes[i].path, name) == 0) {
            const struct node_account *of = &analysis.account.nodes.nodes[i];
            assert_int_equal(of->n_samples, 1);
            return of;
        }
    fail_msg("no node '%s'", name);
    return NULL;
}

/*
 * One step of 100 ns in thread 0, with thread 1 that has no range and thread 2 that has one:
 *
 *   ns    thread 0                        node
 *   10    free of what was there          k.1, as the first in the step
 *   20    x of 100 bytes                  k.1
 *   30    copy host to x                  k.1
 *   40    launch k                        k.1: from 0 to 60
 *   50    copy x to host                  k.1: a result
 *   60    wait                            k.1
 *   70    y of 1000 bytes                 k.2: from 60 to 100
 *   75    copy x to host                  k.2: it has begun
 *   80    launch k                        k.2
 *   90    free of x                       k.2
 *   100   the step ends
 *
 * Thread 1 makes 10000 bytes at 45, launches k at 55 (the second of the step: those of thread 0 are
 * k.1 and k.3 then) and frees them at 65, where its node ends. Thread 2 launches in a range.
 */
static void records_belong_to_the_call_that_they_serve(void **state)
{
    (void)state;
    build_thread(&builder, 1);
    build_thread(&builder, 2);
    build_alloc(&builder, 0, 0x90000, 7);
    build_push(&builder, 0, "step 1");
    const uint64_t start = builder.now_ns;
    builder.now_ns = start + 10;
    build_free(&builder, 0, 0x90000);
    builder.now_ns = start + 20;
    build_alloc(&builder, 0, 0x1000, 100);
    builder.now_ns = start + 30;
    BUILD_CALL(&builder, 0, API_MEMCPY, (uint64_t)0x1000, (uint64_t)HOST);
    builder.now_ns = start + 40;
    BUILD_LAUNCH(&builder, 0, "k", (uint64_t)0x1000);
    builder.now_ns = start + 45;
    build_alloc(&builder, 1, 0x20000, 10000);
    build_push(&builder, 2, "own");
    BUILD_LAUNCH(&builder, 2, "k", (uint64_t)0x1000);
    build_pop(&builder, 2);
    builder.now_ns = start + 50;
    BUILD_CALL(&builder, 0, API_MEMCPY, (uint64_t)HOST, (uint64_t)0x1000);
    builder.now_ns = start + 55;
    BUILD_LAUNCH(&builder, 1, "k", (uint64_t)0x20000);
    builder.now_ns = start + 60;
    BUILD_CALL(&builder, 0, API_SYNC);
    builder.now_ns = start + 65;
    build_free(&builder, 1, 0x20000);
    builder.now_ns = start + 70;
    build_alloc(&builder, 0, 0x3000, 1000);
    builder.now_ns = start + 75;
    BUILD_CALL(&builder, 0, API_MEMCPY, (uint64_t)HOST, (uint64_t)0x1000);
    builder.now_ns = start + 80;
    BUILD_LAUNCH(&builder, 0, "k", (uint64_t)0x1000, (uint64_t)0x3000);
    builder.now_ns = start + 90;
    build_free(&builder, 0, 0x1000);
    builder.now_ns = start + 100;
    build_pop(&builder, 0);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);

    const struct node_account *first = in_one_step("k.1");
    assert_int_equal(first->samples[0].ns, 60);
    assert_int_equal(first->levels[0].active_before, 7);
    assert_int_equal(first->levels[0].peak, 10100);
    const struct node_account *other = in_one_step("k.2"); /* from the alloc of thread 1 on */
    assert_int_equal(other->levels[0].peak, 10100);
    assert_int_equal(other->levels[0].active_after, 100);
    const struct node_account *last = in_one_step("k.3");
    assert_int_equal(last->samples[0].ns, 40);
    assert_int_equal(last->levels[0].active_after, 1000);
    assert_int_equal(last->levels[0].peak, 10100); /* it begins before 65 */
    assert_int_equal(in_one_step("own")->levels[0].calls, 1);
    assert_int_equal(analysis.account.violations, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_repetition_tells),
        cmocka_unit_test(kernels_have_plain_names),
        cmocka_unit_test(calls_are_counted),
        cmocka_unit_test_setup_teardown(records_belong_to_the_call_that_they_serve, begin, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
