/*
 * A caching allocator: segments from cudaMalloc, and blocks in them. What is live is blocks and
 * what never held one; the rest of the segments is pool slack. All worked out by hand.
 */
#include "fixture.h"

#define MIB     (UINT64_C(1) << 20)
#define KIB     (UINT64_C(1) << 10)
#define FIRST   (UINT64_C(1) << 40) /* an address */
#define NO_POOL UINT64_MAX, UINT64_MAX

static void segment(uint64_t address, uint64_t bytes)
{
    build_alloc_as(&builder, 0, address, bytes, 0, GP_SPACE_DEVICE);
}
static void block(uint64_t address, uint64_t bytes)
{
    build_alloc_as(&builder, 0, address, bytes, 0, GP_SPACE_BLOCK);
}
static void block_back(uint64_t address) { build_free_as(&builder, 0, address, GP_SPACE_BLOCK); }
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

static void analyse(void)
{
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.account.violations, 0);
    assert_int_equal(analysis.account.replay.faults.missed_frees, 0);
    assert_int_equal(analysis.account.replay.faults.unknown_frees, 0);
}

static const struct device_peaks *device(void) { return &analysis.identify.devices[0]; }
/* Of the tensor of so many bytes. */
static int role_of(uint64_t bytes)
{
    for (size_t i = 0; i < analysis.tensors.n_tensors; i++)
        if (analysis.tensors.tensors[i].id.bytes == bytes)
            return (int)analysis.tensors.tensors[i].role;
    return -1;
}

/* The first block has the segment's own address; each is freed by its own free. */
static void blocks_are_live_and_segments_are_not(void **state)
{
    (void)state;
    step("step 0");
    build_push(&builder, 0, "forward");
    segment(FIRST, 20 * MIB);
    block(FIRST, 3 * MIB);
    block(FIRST + 3 * MIB, 512);
    block_back(FIRST);
    block(FIRST, 1 * MIB);
    build_pop(&builder, 0);
    end_step();
    block_back(FIRST + 3 * MIB);
    block_back(FIRST);
    build_free(&builder, 0, FIRST); /* the segment, as in empty_cache() */
    analyse();
    assert_int_equal(device()->whole.bytes, 3 * MIB + 512);
    assert_int_equal(device()->segments_peak, 20 * MIB);
    assert_int_equal(device()->segments_live, 0);
    assert_int_equal(device()->live, 0);
    assert_int_equal(analysis.account.peak.bytes, 3 * MIB + 512);
    assert_int_equal(analysis.tensors.n_tensors, 3); /* the three blocks, no segment */
    assert_int_equal(node_row_named(&analysis, "forward")->active_after, 1 * MIB + 512);
    assert_int_equal(node_row_named(&analysis, "forward")->peak, 3 * MIB + 512);
}

/* A segment is none of the live bytes before its first block, nor while it is empty. */
static void a_segment_is_known_from_its_birth(void **state)
{
    (void)state;
    step("step 0");
    segment(FIRST, 20 * MIB);
    end_step();
    step("step 1");
    block(FIRST + MIB, 5 * MIB);
    block_back(FIRST + MIB);
    end_step();
    step("step 2");
    BUILD_CALL(&builder, 0, API_SYNC);
    end_step();
    analyse();
    assert_int_equal(device()->steps[0].bytes, 0);
    assert_int_equal(device()->steps[1].bytes, 5 * MIB);
    assert_int_equal(device()->steps[2].bytes, 0);
}

/* Others in the process use cudaMalloc as well; a second segment lies right behind the first. */
static void what_holds_no_block_counts_as_before(void **state)
{
    (void)state;
    segment(FIRST, 2 * MIB);
    segment(FIRST + 2 * MIB, 2 * MIB);
    segment(FIRST + 100 * MIB, 7 * MIB); /* holds none */
    block(FIRST + 2 * MIB - 512, 512);   /* the last of the first segment */
    block(FIRST + 2 * MIB, 512);         /* the first of the second */
    step("step 0");
    BUILD_CALL(&builder, 0, API_SYNC);
    end_step();
    block_back(FIRST + 2 * MIB);
    build_free(&builder, 0, FIRST + 2 * MIB);
    build_free(&builder, 0, FIRST + 100 * MIB);
    analyse();
    assert_int_equal(analysis.account.peak.bytes, 7 * MIB + 1024);
    assert_int_equal(device()->segments_peak, 4 * MIB);
    assert_int_equal(device()->segments_live, 2 * MIB);
    assert_int_equal(device()->live, 512);
}

/* The same address is a segment once, and the program's own once. */
static void an_address_may_be_a_segment_and_later_not(void **state)
{
    (void)state;
    segment(FIRST, 2 * MIB);
    block(FIRST, 512);
    block_back(FIRST);
    build_free(&builder, 0, FIRST);
    step("step 0");
    segment(FIRST, 2 * MIB);
    end_step();
    analyse();
    assert_int_equal(analysis.account.peak.bytes, 2 * MIB);
    assert_int_equal(device()->segments_peak, 2 * MIB);
    assert_int_equal(device()->segments_live, 0);
}

/* Memory that is mapped behind the runtime's back: nothing holds the block, so it stands alone. */
static void a_block_in_no_segment_is_live(void **state)
{
    (void)state;
    step("step 0");
    block(FIRST, 4 * MIB);
    end_step();
    analyse();
    assert_int_equal(analysis.account.peak.bytes, 4 * MIB);
    assert_int_equal(device()->segments_peak, 0);
}

/* Expandable segments: 4 MiB of physical memory, 3 given out in blocks at addresses of their own.
 */
static void physical_memory_under_blocks_is_reserve(void **state)
{
    (void)state;
    build_sample_at(&builder, GP_SAMPLE_BEFORE_FIRST, 100 * MIB, NO_POOL);
    build_mem_create(&builder, 0, 0x77, 2 * MIB);
    build_sample_at(&builder, GP_SAMPLE_AFTER_FIRST, 102 * MIB, NO_POOL);
    build_mem_create(&builder, 0, 0x78, 2 * MIB);
    block(FIRST, 3 * MIB);
    step("step 0");
    BUILD_CALL(&builder, 0, API_SYNC);
    end_step();
    build_sample_at(&builder, GP_SAMPLE_STEP_END, 104 * MIB, NO_POOL);
    analyse();
    const struct books *books = &analysis.account.books;
    assert_int_equal(analysis.account.peak.bytes, 3 * MIB);
    assert_int_equal(device()->segments_peak, 4 * MIB);
    assert_int_equal(books->step_end.pool_slack, 1 * MIB);
    assert_int_equal(books_residual(books, &books->step_end), 0);
}

/* Beside a segment with one block the 2 MiB that are there already are live. */
static void count_beside_a_block(void)
{
    segment(FIRST, 2 * MIB);
    block(FIRST, 512);
    step("step 0");
    BUILD_CALL(&builder, 0, API_SYNC);
    end_step();
    analyse();
    assert_int_equal(analysis.account.peak.bytes, 2 * MIB + 512);
    assert_int_equal(device()->segments_peak, 2 * MIB);
}

/* Without a block outside all segments it is what it was: memory of a library. */
static void physical_memory_of_others_counts_as_before(void **state)
{
    (void)state;
    build_mem_create(&builder, 0, 0x77, 2 * MIB);
    count_beside_a_block();
}

/* With a handle, as NCCL takes it: it holds no block and no call names it. */
static void physical_memory_that_nobody_uses_is_a_librarys(void **state)
{
    (void)state;
    build_alloc_as(&builder, 0, 0x77, 2 * MIB, 0, GP_SPACE_PHYSICAL);
    count_beside_a_block();
    assert_int_equal(role_of(2 * MIB), GP_ROLE_LIBRARY);
}

/* What a call names is not a library's. */
static void physical_memory_in_use_is_the_programs(void **state)
{
    (void)state;
    const struct gp_record_map map = {FIRST + 32 * MIB, 2 * MIB, 0x77};
    build_alloc_as(&builder, 0, 0x77, 2 * MIB, 0, GP_SPACE_PHYSICAL);
    build_record(&builder, 0, GP_RECORD_MAP, &map, sizeof map / 8);
    segment(FIRST, 2 * MIB);
    block(FIRST, 512);
    step("step 0");
    build_push(&builder, 0, "forward");
    BUILD_CALL(&builder, 0, API_GEMM, FIRST + 32 * MIB, FIRST, FIRST);
    build_pop(&builder, 0);
    end_step();
    analyse();
    assert_int_not_equal(role_of(2 * MIB), GP_ROLE_LIBRARY);
}

/* 20 MiB taken, 6 given out; 3 MiB of another's in 4. The driver has 100 more in use from before.
 */
static void slack_is_what_no_block_has(void **state)
{
    (void)state;
    build_sample_at(&builder, GP_SAMPLE_BEFORE_FIRST, 100 * MIB, NO_POOL);
    segment(FIRST, 20 * MIB);
    build_sample_at(&builder, GP_SAMPLE_AFTER_FIRST, 120 * MIB, NO_POOL);
    block(FIRST, 6 * MIB);
    segment(FIRST + 64 * MIB, 3 * MIB);
    step("step 0");
    BUILD_CALL(&builder, 0, API_SYNC);
    end_step();
    build_sample_at(&builder, GP_SAMPLE_STEP_END, 124 * MIB, NO_POOL);
    analyse();
    const struct books *books = &analysis.account.books;
    assert_int_equal(books->context, 100 * MIB);
    assert_int_equal(books->step_end.live, 9 * MIB);
    assert_int_equal(books->step_end.pool_slack, 14 * MIB);
    assert_int_equal(books->step_end.rounding, 1 * MIB);
    assert_int_equal(books_residual(books, &books->step_end), 0);
}

/* A refused cudaFree of a segment; then the device is reset. */
static void a_refused_free_leaves_the_segment(void **state)
{
    (void)state;
    step("step 0");
    segment(FIRST, 2 * MIB);
    block(FIRST, 512);
    block_back(FIRST);
    build_free(&builder, 0, FIRST);
    build_free_failed(&builder, 0, FIRST);
    block(FIRST + 512, 1024);
    end_step();
    build_reset(&builder, 0, 0);
    analyse();
    assert_int_equal(analysis.account.peak.bytes, 1024);
    assert_int_equal(device()->segments_peak, 2 * MIB);
    assert_int_equal(device()->segments_live, 0);
    assert_int_equal(device()->live, 0);
}

/* The program frees a segment with a block in it: the block is gone, and that is said. */
static void blocks_go_with_their_segment(void **state)
{
    (void)state;
    segment(FIRST, 2 * MIB);
    block(FIRST, 64 * KIB);
    block(FIRST + MIB, 64 * KIB);
    build_free(&builder, 0, FIRST);
    step("step 0");
    BUILD_CALL(&builder, 0, API_SYNC);
    end_step();
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.account.replay.faults.missed_frees, 2);
    assert_int_equal(device()->live, 0);
    assert_int_equal(analysis.account.violations, 0);
}

/* Operands point into blocks, whose evidence is their own. */
static void operands_find_blocks(void **state)
{
    (void)state;
    segment(FIRST, 20 * MIB);
    for (int i = 0; i < 3; i++) {
        step("step");
        build_push(&builder, 0, "forward");
        block(FIRST, 2 * MIB);
        block(FIRST + 2 * MIB, 1 * MIB);
        BUILD_CALL(&builder, 0, API_CONV_FORWARD, FIRST, (uint64_t)0, (uint64_t)0, FIRST + 2 * MIB);
        block_back(FIRST);
        block_back(FIRST + 2 * MIB);
        build_pop(&builder, 0);
        end_step();
    }
    analyse();
    const struct tensor *y = tensor_named(&analysis, "forward.y");
    assert_int_equal(y->id.bytes, 1 * MIB);
    assert_int_equal(y->role, GP_ROLE_ACTIVATION);
    assert_int_equal(analysis.account.peak.bytes, 3 * MIB);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(blocks_are_live_and_segments_are_not),
        TEST(a_segment_is_known_from_its_birth),
        TEST(what_holds_no_block_counts_as_before),
        TEST(an_address_may_be_a_segment_and_later_not),
        TEST(a_block_in_no_segment_is_live),
        TEST(physical_memory_under_blocks_is_reserve),
        TEST(physical_memory_of_others_counts_as_before),
        TEST(physical_memory_that_nobody_uses_is_a_librarys),
        TEST(physical_memory_in_use_is_the_programs),
        TEST(slack_is_what_no_block_has),
        TEST(a_refused_free_leaves_the_segment),
        TEST(blocks_go_with_their_segment),
        TEST(operands_find_blocks),
    };
    return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
