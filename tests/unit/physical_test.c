/*
 * Physical memory: one allocation by its handle, wherever it is mapped, until it has no handle and
 * no mapping. All worked out by hand.
 */
#include "fixture.h"
#include "ticking.h"

#define MIB    (UINT64_C(1) << 20)
#define FIRST  (UINT64_C(1) << 40) /* an address */
#define HANDLE UINT64_C(77)

static void create(uint64_t handle, uint64_t bytes)
{
    build_alloc_as(&builder, 0, handle, bytes, 0, GP_SPACE_PHYSICAL);
}
static void release(uint64_t handle) { build_free_as(&builder, 0, handle, GP_SPACE_PHYSICAL); }
static void map(uint64_t address, uint64_t bytes, uint64_t handle)
{
    const struct gp_record_map record = {address, bytes, handle};
    build_record(&builder, 0, GP_RECORD_MAP, &record, sizeof record / 8);
}
static void unmap(uint64_t address, uint64_t bytes) { map(address, bytes, 0); }
static void block(uint64_t address, uint64_t bytes)
{
    build_alloc_as(&builder, 0, address, bytes, 0, GP_SPACE_BLOCK);
}
static void block_back(uint64_t address) { build_free_as(&builder, 0, address, GP_SPACE_BLOCK); }
/* A node of which it is asked what is live in it. */
static void look(const char *name)
{
    push(name);
    pop();
}

static void analyse(uint64_t missed, uint64_t unknown)
{
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.account.violations, 0);
    assert_int_equal(analysis.account.replay.faults.missed_frees, missed);
    assert_int_equal(analysis.account.replay.faults.unknown_frees, unknown);
}
static uint64_t live_in(const char *node) { return node_row_named(&analysis, node)->peak; }

static void counts_once_from_its_making_to_its_release(void **state)
{
    (void)state;
    push("step 0");
    create(HANDLE, 4 * MIB);
    look("made");
    map(FIRST, 4 * MIB, HANDLE);
    map(FIRST + 8 * MIB, 4 * MIB, HANDLE);
    look("mapped twice");
    unmap(FIRST, 4 * MIB);
    unmap(FIRST + 8 * MIB, 4 * MIB);
    look("mapped nowhere");
    release(HANDLE);
    look("released");
    pop();
    analyse(0, 0);
    assert_int_equal(live_in("made"), 4 * MIB);
    assert_int_equal(live_in("mapped twice"), 4 * MIB);
    assert_int_equal(live_in("mapped nowhere"), 4 * MIB);
    assert_int_equal(live_in("released"), 0);
    assert_int_equal(analysis.tensors.n_tensors, 1);
}

static void lives_while_it_is_mapped(void **state)
{
    (void)state;
    push("step 0");
    create(HANDLE, 4 * MIB);
    map(FIRST, 4 * MIB, HANDLE);
    map(FIRST + 8 * MIB, 4 * MIB, HANDLE);
    release(HANDLE);
    create(HANDLE, 2 * MIB); /* the driver gives the handle out again */
    look("both");
    unmap(FIRST, 4 * MIB);
    look("at one place");
    unmap(FIRST + 8 * MIB, 4 * MIB);
    look("the second");
    release(HANDLE);
    look("none");
    pop();
    analyse(0, 0);
    assert_int_equal(live_in("both"), 6 * MIB);
    assert_int_equal(live_in("at one place"), 6 * MIB);
    assert_int_equal(live_in("the second"), 2 * MIB);
    assert_int_equal(live_in("none"), 0);
}

/* Retained, its release refused once, and mappings that are taken away in one call. */
static void handles_and_ranges(void **state)
{
    (void)state;
    push("step 0");
    create(1, 2 * MIB);
    create(2, 4 * MIB);
    map(0, 0, 1); /* a second handle of the first */
    map(FIRST, 2 * MIB, 1);
    map(FIRST + 2 * MIB, 4 * MIB, 2);
    release(2);
    release(1);
    look("held");
    unmap(FIRST, 6 * MIB); /* the second goes, the first has a handle left */
    look("one");
    release(1);
    build_free_failed(&builder, 0, 1);
    look("refused");
    release(1);
    release(1); /* unknown by now */
    look("none");
    pop();
    analyse(0, 0);
    assert_int_equal(live_in("held"), 6 * MIB);
    assert_int_equal(live_in("one"), 2 * MIB);
    assert_int_equal(live_in("refused"), 2 * MIB);
    assert_int_equal(live_in("none"), 0);
}

/* An operand inside a mapped range is the memory that is mapped there: a parameter by the first
   call, and after a change of places by the second. */
static void operands_lead_to_what_is_mapped(void **state)
{
    (void)state;
    create(1, 2 * MIB);
    create(2, 2 * MIB);
    map(FIRST, 2 * MIB, 1);
    map(FIRST + 2 * MIB, 2 * MIB, 2);
    push("step 0");
    push("forward");
    /* x, w, workspace, y */
    BUILD_CALL(&builder, 0, API_CONV_FORWARD, (uint64_t)0, FIRST + 3 * MIB, (uint64_t)0,
               (uint64_t)0);
    pop();
    pop();
    unmap(FIRST, 4 * MIB);
    map(FIRST, 2 * MIB, 2);
    map(FIRST + 2 * MIB, 2 * MIB, 1);
    push("step 1");
    push("forward");
    BUILD_CALL(&builder, 0, API_CONV_FORWARD, (uint64_t)0, FIRST + MIB, (uint64_t)0, (uint64_t)0);
    pop();
    pop();
    analyse(0, 0);
    assert_int_equal(analysis.tensors.n_tensors, 2);
    unsigned parameters = 0;
    for (size_t i = 0; i < analysis.tensors.n_tensors; i++)
        parameters += analysis.tensors.tensors[i].role == GP_ROLE_PARAMETER;
    assert_int_equal(parameters, 1); /* the second handle's, both times */
}

/* PyTorch's expandable segments: a block over two granules. */
static void blocks_lie_in_mapped_segments(void **state)
{
    (void)state;
    push("step 0");
    create(1, 2 * MIB);
    map(FIRST, 2 * MIB, 1);
    create(2, 2 * MIB);
    map(FIRST + 2 * MIB, 2 * MIB, 2);
    create(3, 2 * MIB); /* of another part of the program */
    map(FIRST + 64 * MIB, 2 * MIB, 3);
    block(FIRST + 1024, 3 * MIB);
    look("given out");
    block_back(FIRST + 1024);
    look("given back");
    unmap(FIRST, 2 * MIB);
    release(1);
    unmap(FIRST + 2 * MIB, 2 * MIB);
    release(2);
    pop();
    analyse(0, 0);
    assert_int_equal(live_in("given out"), 5 * MIB);
    assert_int_equal(live_in("given back"), 2 * MIB);
    assert_int_equal(analysis.identify.devices[0].segments_peak, 4 * MIB);
    assert_int_equal(analysis.identify.devices[0].segments_live, 0);
}

/* What was not seen: a mapping over a live one, a handle given out again, an end without release.
 */
static void faults_are_counted(void **state)
{
    (void)state;
    push("step 0");
    create(1, 2 * MIB);
    create(1, 4 * MIB);
    map(FIRST, 4 * MIB, 1);
    build_alloc(&builder, 0, FIRST + MIB, 512); /* over it */
    look("replaced");
    map(FIRST + 64 * MIB, 2 * MIB, 9); /* of a handle that is not known */
    unmap(FIRST + 64 * MIB, 2 * MIB);
    build_free(&builder, 0, FIRST + MIB);
    create(5, 2 * MIB);
    map(FIRST, 2 * MIB, 5);
    release(5);
    pop();
    analyse(2, 0);
    assert_int_equal(live_in("replaced"), 512);
}

/* Host memory and what is another process's is not recorded, but its handle's release is: no fault,
   whether that is refused or not. Other frees of what is not known are, until they are refused. */
static void releases_of_handles_that_are_not_known(void **state)
{
    (void)state;
    push("step 0");
    release(9);
    release(9);
    build_free_failed(&builder, 0, 9);
    build_free(&builder, 0, FIRST);
    build_free(&builder, 0, FIRST);
    build_free_failed(&builder, 0, FIRST);
    release(9);
    build_free_failed(&builder, 0, 9);
    pop();
    analyse(0, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_once_from_its_making_to_its_release),
        TEST(lives_while_it_is_mapped),
        TEST(handles_and_ranges),
        TEST(operands_lead_to_what_is_mapped),
        TEST(blocks_lie_in_mapped_segments),
        TEST(faults_are_counted),
        TEST(releases_of_handles_that_are_not_known),
    };
    return cmocka_run_group_tests_name("physical", tests, NULL, NULL);
}
