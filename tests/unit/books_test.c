/* The books beside the driver's figure, worked out by hand. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/blocks.h"
#include "tables/summary.h"

#define MIB     (UINT64_C(1) << 20)
#define NO_POOL UINT64_MAX, UINT64_MAX
#define FIRST   (UINT64_C(1) << 40) /* an address */

static void a_block_is_taken_whole(void **state)
{
    (void)state;
    struct blocks blocks;
    blocks_init(&blocks, BLOCKS_BYTES);
    blocks_add(&blocks, FIRST, 1);
    assert_int_equal(blocks.mapped, 2 * MIB);
    blocks_add(&blocks, FIRST + MIB, MIB); /* ends with the block */
    assert_int_equal(blocks.mapped, 2 * MIB);
    blocks_add(&blocks, FIRST + 2 * MIB, 3 * MIB);
    assert_int_equal(blocks.mapped, 6 * MIB);
    blocks_add(&blocks, FIRST + 6 * MIB, 8 * MIB + 1); /* two ends, three between */
    assert_int_equal(blocks.mapped, 16 * MIB);
    blocks_remove(&blocks, FIRST, 1);
    assert_int_equal(blocks.mapped, 16 * MIB);
    blocks_remove(&blocks, FIRST + MIB, MIB);
    assert_int_equal(blocks.mapped, 14 * MIB);
    blocks_remove(&blocks, FIRST + 6 * MIB, 8 * MIB + 1);
    assert_int_equal(blocks.mapped, 4 * MIB);
    blocks_remove(&blocks, FIRST + 2 * MIB, 3 * MIB);
    assert_int_equal(blocks.mapped, 0);
    blocks_free(&blocks);
}

static void where_nothing_is_rounded_bytes_count(void **state)
{
    (void)state;
    struct blocks blocks;
    blocks_init(&blocks, 1);
    blocks_add(&blocks, 7, 3);
    blocks_add(&blocks, 10, 100);
    assert_int_equal(blocks.mapped, 103);
    blocks_remove(&blocks, 7, 3);
    assert_int_equal(blocks.mapped, 100);
    blocks_free(&blocks);
}

static void step(const char *name)
{
    builder.now_ns += 10;
    build_push(&builder, 0, name);
}
static void end_step(void)
{
    builder.now_ns += 100;
    build_pop(&builder, 0);
}

/* A handle for which a library takes 3 MiB that is seen and 5 MiB that is not, a context of 500
   MiB, 1 MiB of the program's own in a block of 2, and a call that loads 6 MiB. */
static void setup(void)
{
    build_device(&builder, 0, "a card");
    build_sample_at(&builder, GP_SAMPLE_BEFORE_HANDLE, 500 * MIB, NO_POOL);
    build_library_alloc(&builder, 0, FIRST + 100 * MIB, 3 * MIB);
    build_call(&builder, 0, API_CREATE, UINT64_MAX);
    build_sample_at(&builder, GP_SAMPLE_AFTER_HANDLE, 509 * MIB, NO_POOL);
    build_sample_at(&builder, GP_SAMPLE_BEFORE_FIRST, 509 * MIB, NO_POOL);
    build_alloc(&builder, 0, FIRST, MIB);
    build_sample_at(&builder, GP_SAMPLE_AFTER_FIRST, 511 * MIB, NO_POOL);
    build_sample_at(&builder, GP_SAMPLE_BEFORE_CALL, 511 * MIB, NO_POOL);
    BUILD_CALL(&builder, 0, API_MEMSET, FIRST);
    build_sample_at(&builder, GP_SAMPLE_AFTER_CALL, 517 * MIB, NO_POOL);
}

static void every_part_has_its_bytes(void **state)
{
    (void)state;
    setup();
    for (int i = 0; i < 3; i++) {
        step("step");
        BUILD_CALL(&builder, 0, API_SYNC);
        end_step();
        build_sample_at(&builder, GP_SAMPLE_STEP_END, (518 + (uint64_t)i) * MIB, NO_POOL);
    }
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    const struct books *books = &analysis.account.books;
    const struct books_moment *end = &books->step_end;
    assert_true(end->known && books->has_context);
    assert_int_equal(end->step, 2);
    assert_int_equal(end->used, 520 * MIB);
    assert_int_equal(end->by_role[GP_ROLE_LIBRARY], 3 * MIB);
    assert_int_equal(end->live, 4 * MIB);
    assert_int_equal(end->rounding, 2 * MIB); /* 3 take 4, 1 takes 2 */
    assert_int_equal(end->handles, 5 * MIB);
    assert_int_equal(end->modules, 6 * MIB);
    assert_int_equal(end->cupti, 0);
    assert_int_equal(books->context, 500 * MIB);
    assert_int_equal(books_residual(books, end), 3 * MIB);
}

static bool says(const char *words)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    summary_print_books(to, &analysis);
    (void)fclose(to);
    const bool found = strstr(text, words) != NULL;
    free(text);
    return found;
}

static void two_steps_that_end_with(uint64_t used)
{
    for (int i = 0; i < 2; i++) {
        step("step");
        BUILD_CALL(&builder, 0, API_SYNC);
        end_step();
        build_sample_at(&builder, GP_SAMPLE_STEP_END, used, NO_POOL);
    }
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_true(books_residual(&analysis.account.books, &analysis.account.books.step_end) >
                16 * (int64_t)MIB);
}

/* Modules stand in the residual where no call was looked at, and it is said what would tell them.
 */
static void a_large_residual_is_explained(void **state)
{
    (void)state;
    build_device(&builder, 0, "a card");
    build_sample_at(&builder, GP_SAMPLE_BEFORE_FIRST, 500 * MIB, NO_POOL);
    build_alloc(&builder, 0, FIRST, MIB);
    build_sample_at(&builder, GP_SAMPLE_AFTER_FIRST, 502 * MIB, NO_POOL);
    two_steps_that_end_with(540 * MIB);
    assert_true(says("GRAPHPROF_PROBE_STEP"));
}

static void not_where_modules_are_told(void **state)
{
    (void)state;
    setup();
    two_steps_that_end_with(540 * MIB);
    assert_false(says("GRAPHPROF_PROBE_STEP"));
}

static void library_memory_is_named_after_its_call(void **state)
{
    (void)state;
    setup();
    for (int i = 0; i < 2; i++) {
        step("step");
        build_push(&builder, 0, "conv");
        build_library_alloc(&builder, 0, FIRST + 200 * MIB, 7);
        BUILD_CALL(&builder, 0, API_GEMM, FIRST, FIRST, FIRST);
        build_free(&builder, 0, FIRST + 200 * MIB);
        build_pop(&builder, 0);
        end_step();
    }
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    const struct tensor *handle = tensor_named(&analysis, "(no range).cublasCreate_v2");
    assert_int_equal(handle->role, GP_ROLE_LIBRARY);
    assert_int_equal(handle->role_source, ROLE_SOURCE_LIBRARY);
    assert_int_equal(handle->id.bytes, 3 * MIB);
    assert_int_equal(tensor_named(&analysis, "conv.cublasSgemm_v2")->id.bytes, 7);
    assert_int_equal(analysis.account.peak.by_role[GP_ROLE_LIBRARY], 3 * MIB + 7);
    assert_int_equal(analysis.account.violations, 0);
    assert_int_equal(node_row_named(&analysis, "conv")->peak, 4 * MIB + 7);
}

/* The pool's reserve is what the driver sees; the pool's own figures tell it apart. */
static void a_pool_holds_more_than_it_gave(void **state)
{
    (void)state;
    build_sample_at(&builder, GP_SAMPLE_BEFORE_FIRST, 100 * MIB, NO_POOL);
    build_alloc_as(&builder, 0, FIRST, 5 * MIB, 0, GP_SPACE_POOL);
    build_sample_at(&builder, GP_SAMPLE_AFTER_FIRST, 132 * MIB, 5 * MIB, 32 * MIB);
    step("step");
    BUILD_CALL(&builder, 0, API_SYNC);
    end_step();
    build_sample_at(&builder, GP_SAMPLE_STEP_END, 132 * MIB, 5 * MIB, 32 * MIB);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    const struct books_moment *end = &analysis.account.books.step_end;
    assert_int_equal(end->pool_slack, 27 * MIB);
    assert_int_equal(end->rounding, 0);
    assert_int_equal(books_residual(&analysis.account.books, end), 0);
}

static void without_a_first_sample_books_do_not_close(void **state)
{
    (void)state;
    build_alloc(&builder, 0, FIRST, MIB);
    step("step");
    BUILD_CALL(&builder, 0, API_SYNC);
    end_step();
    build_sample_at(&builder, GP_SAMPLE_STEP_END, 100 * MIB, NO_POOL);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_true(analysis.account.books.step_end.known);
    assert_false(analysis.account.books.has_context);
}

static void train_probed(unsigned probed, unsigned steps)
{
    build_sample_at(&builder, GP_SAMPLE_BEFORE_FIRST, 100 * MIB, NO_POOL);
    for (unsigned i = 0; i < steps; i++) {
        step("step");
        build_alloc(&builder, 0, FIRST, 3 * MIB);
        if (i == probed)
            build_sample_at(&builder, GP_SAMPLE_PROBE, 104 * MIB, NO_POOL);
        build_alloc(&builder, 0, FIRST + 4 * MIB, MIB);
        if (i == probed)
            build_sample_at(&builder, GP_SAMPLE_PROBE, 107 * MIB, NO_POOL);
        build_free(&builder, 0, FIRST);
        build_free(&builder, 0, FIRST + 4 * MIB);
        end_step();
    }
}

static void the_probed_step_has_the_drivers_peak(void **state)
{
    (void)state;
    train_probed(1, 4);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    const struct books *books = &analysis.account.books;
    assert_int_equal(books->probe.samples, 2);
    assert_int_equal(books->probe.most.step, 1);
    assert_int_equal(books->probe.most.used, 107 * MIB);
    assert_int_equal(books->probe.live_most, 4 * MIB);
    assert_int_equal(books->probe.taken_most, 6 * MIB);
    assert_int_equal(books_residual(books, &books->probe.most), MIB);
    assert_false(analysis.steps.steps[1].counted);
    assert_int_equal(analysis.steps.n_counted, 2); /* without the first, too */
}

static void the_only_step_counts_though_it_is_probed(void **state)
{
    (void)state;
    train_probed(0, 1);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_true(analysis.steps.steps[0].counted);
}

#define BUILT(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_taken_whole),
        cmocka_unit_test(where_nothing_is_rounded_bytes_count),
        BUILT(every_part_has_its_bytes),
        BUILT(a_large_residual_is_explained),
        BUILT(not_where_modules_are_told),
        BUILT(library_memory_is_named_after_its_call),
        BUILT(a_pool_holds_more_than_it_gave),
        BUILT(without_a_first_sample_books_do_not_close),
        BUILT(the_probed_step_has_the_drivers_peak),
        BUILT(the_only_step_counts_though_it_is_probed),
    };
    return cmocka_run_group_tests_name("books", tests, NULL, NULL);
}
