#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "graph_table.h"

#define OTHERWISE GP_API_cudnnBackendExecute
#define FORWARD   GP_API_cudnnBackendExecute_ConvolutionForward /* x w workspace y */

/* Handles and addresses are numbers to the table. */
static void *address(uint64_t number)
{
    return (void *)(uintptr_t)number; /* NOLINT(performance-no-int-to-ptr) */
}
static void *handle(uintptr_t number) { return address(number << 4); }

static unsigned addresses(const void *plan, const void *pack, enum gp_api *api, uint64_t *found)
{
    return gp_graph_addresses(plan, pack, OTHERWISE, api, found);
}

/* A plan of a forward convolution whose tensors x, w and y have ids first, first + 1, first + 2;
   what it was made from is destroyed. Uses handles base to base + 6; the plan's is base + 6. */
static void make_plan(uintptr_t base, int64_t first)
{
    static const char *const names[] = {"x", "w", "y"};
    for (unsigned i = 0; i < 3; i++) {
        gp_graph_tensor(handle(base + i), first + i);
        gp_graph_operand(handle(base + 3), FORWARD, names[i], handle(base + i));
    }
    for (unsigned i = 4; i <= 6; i++) /* graph, configuration, plan */
        gp_graph_inherit(handle(base + i), handle(base + i - 1));
    for (unsigned i = 0; i < 6; i++)
        gp_graph_forget(handle(base + i));
}

static void make_pack(uintptr_t number, int64_t first, uint64_t at)
{
    const int64_t ids[] = {first + 2, first, first + 1};
    void *const pointers[] = {address(at + 2), address(at), address(at + 1)};
    gp_graph_pack_pointers(handle(number), pointers, 3);
    gp_graph_pack_workspace(handle(number), address(at + 9));
    gp_graph_pack_ids(handle(number), ids, 3);
}

static void test_one_operation(void **state)
{
    uint64_t found[GP_GRAPH_ADDRESSES_MAX];
    enum gp_api api;
    (void)state;
    make_plan(1, 'x');
    make_pack(10, 'x', 100);
    assert_int_equal(addresses(handle(7), handle(10), &api, found), 4);
    assert_int_equal(api, FORWARD);
    assert_int_equal(found[0], 100); /* x */
    assert_int_equal(found[1], 101); /* w */
    assert_int_equal(found[2], 109); /* workspace */
    assert_int_equal(found[3], 102); /* y */

    make_pack(11, 'a', 200); /* none of the plan's tensors */
    assert_int_equal(addresses(handle(7), handle(11), &api, found), 4);
    assert_int_equal(api, FORWARD);
    assert_int_equal(found[0] | found[1] | found[3], 0);
    gp_graph_forget(handle(10));
    gp_graph_forget(handle(11));
    gp_graph_forget(handle(7));
}

static void test_others(void **state)
{
    uint64_t found[GP_GRAPH_ADDRESSES_MAX];
    enum gp_api api;
    (void)state;
    make_pack(20, 1, 300);
    assert_int_equal(addresses(handle(21), handle(20), &api, found), 4);
    assert_int_equal(api, OTHERWISE);
    assert_int_equal(found[0], 309); /* workspace, then all as they came */
    assert_int_equal(found[1], 302);
    assert_int_equal(found[2], 300);
    assert_int_equal(found[3], 301);
    assert_int_equal(addresses(handle(21), handle(22), &api, found), 0);
    assert_int_equal(api, OTHERWISE);

    /* A graph of several operations, and an operation that has become another kind. */
    make_plan(30, 1);
    gp_graph_unknown(handle(36));
    assert_int_equal(addresses(handle(36), handle(20), &api, found), 4);
    assert_int_equal(api, OTHERWISE);
    gp_graph_tensor(handle(37), 1);
    gp_graph_operand(handle(36), FORWARD, "x", handle(37));
    assert_int_equal(addresses(handle(36), handle(20), &api, found), 4);
    assert_int_equal(api, OTHERWISE);

    /* A handle that is given out again. */
    gp_graph_forget(handle(36));
    gp_graph_operand(handle(36), FORWARD, "x", handle(37));
    assert_int_equal(addresses(handle(36), handle(20), &api, found), 4);
    assert_int_equal(api, FORWARD);
    assert_int_equal(found[0], 300);
    assert_int_equal(found[1] | found[3], 0);
    gp_graph_forget(handle(20));
    gp_graph_forget(handle(36));
    gp_graph_forget(handle(37));

    /* More tensors than are kept, in a pack. */
    static const int64_t ids[GP_GRAPH_TENSORS_MAX + 1];
    gp_graph_pack_ids(handle(40), ids, GP_GRAPH_TENSORS_MAX + 1);
    assert_int_equal(addresses(handle(41), handle(40), &api, found), 0);
}

/* Handles come and go in any order, and more of them than there is room for. */
static void test_room(void **state)
{
    enum {
        COUNT = 20000,
        PACKS = 300
    };
    uint64_t found[GP_GRAPH_ADDRESSES_MAX];
    enum gp_api api;
    (void)state;
    make_plan(1, 'x');
    gp_graph_inherit(handle(8), handle(7));
    for (uintptr_t i = 100; i < 100 + COUNT; i++)
        gp_graph_inherit(handle(i), handle(8));
    unsigned known = 0;
    for (uintptr_t i = 100; i < 100 + COUNT; i++) {
        addresses(handle(i), NULL, &api, found);
        known += api == FORWARD;
    }
    assert_in_range(known, 10000, COUNT - 1);
    for (uintptr_t i = 100; i < 100 + COUNT; i += 3)
        gp_graph_forget(handle(i));
    for (uintptr_t i = 100; i < 100 + known; i++) {
        addresses(handle(i), NULL, &api, found);
        assert_int_equal(api, i % 3 == 100 % 3 ? OTHERWISE : FORWARD);
    }
    for (uintptr_t i = 100; i < 100 + COUNT; i++)
        gp_graph_forget(handle(i));
    addresses(handle(7), NULL, &api, found);
    assert_int_equal(api, FORWARD);

    unsigned kept = 0;
    for (uintptr_t i = 0; i < PACKS; i++)
        make_pack(100 + i, 'x', 1000 * (i + 1));
    for (uintptr_t i = 0; i < PACKS; i++)
        if (addresses(handle(7), handle(100 + i), &api, found)) {
            assert_int_equal(found[0], 1000 * (i + 1));
            kept++;
        }
    assert_in_range(kept, 64, PACKS - 1);
    for (uintptr_t i = 0; i < PACKS; i++)
        gp_graph_forget(handle(100 + i));
    make_pack(100, 'x', 5);
    assert_int_equal(addresses(handle(7), handle(100), &api, found), 4);
    gp_graph_forget(handle(100));
    gp_graph_forget(handle(7));
    gp_graph_forget(handle(8));
}

static void *executing(void *data)
{
    const uintptr_t base = 1000000 * (1 + *(const uintptr_t *)data);
    uint64_t found[GP_GRAPH_ADDRESSES_MAX];
    enum gp_api api;
    for (unsigned i = 0; i < 2000; i++) {
        make_plan(base, (int64_t)i % 8);
        make_pack(base + 7, (int64_t)i % 8, base);
        if (addresses(handle(base + 6), handle(base + 7), &api, found) != 4 || api != FORWARD ||
            found[0] != base)
            return data;
        gp_graph_forget(handle(base + 7));
        gp_graph_forget(handle(base + 6));
    }
    return NULL;
}

static void test_threads(void **state)
{
    enum {
        THREADS = 4
    };
    pthread_t threads[THREADS];
    uintptr_t numbers[THREADS];
    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, executing, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_operation),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
