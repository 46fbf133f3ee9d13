/* The ledger against a plain list, and its look-ups at the edges. */
#include "capture_builder.h"

#include <stdlib.h>

#include "replay/ledger.h"

static struct allocation *put(struct ledger *ledger, uint64_t address, uint64_t bytes,
                              enum gp_space space)
{
    struct allocation *allocation = ledger_make(ledger);
    allocation->address = address;
    allocation->bytes = bytes;
    allocation->space = (uint8_t)space;
    ledger_insert(ledger, allocation);
    return allocation;
}

static void finds_by_address_and_inside(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_init(&ledger, 0);
    assert_null(ledger_holding(&ledger, 100));
    assert_null(ledger_from(&ledger, 0));
    struct allocation *a = put(&ledger, 0x1000, 0x100, GP_SPACE_DEVICE);
    struct allocation *b = put(&ledger, 0x1100, 0x10, GP_SPACE_POOL);
    assert_ptr_equal(ledger_at(&ledger, 0x1000), a);
    assert_null(ledger_at(&ledger, 0x1001));
    assert_null(ledger_holding(&ledger, 0xfff));
    assert_ptr_equal(ledger_holding(&ledger, 0x1000), a);
    assert_ptr_equal(ledger_holding(&ledger, 0x10ff), a);
    assert_ptr_equal(ledger_holding(&ledger, 0x1100), b);
    assert_ptr_equal(ledger_holding(&ledger, 0x110f), b);
    assert_null(ledger_holding(&ledger, 0x1110));
    assert_ptr_equal(ledger_from(&ledger, 0), a);
    assert_ptr_equal(ledger_from(&ledger, 0x1001), b);
    assert_null(ledger_from(&ledger, 0x1101));
    ledger_free(&ledger);
}

static void an_array_has_no_inside(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_init(&ledger, 0);
    struct allocation *a = put(&ledger, 0x1000, 0x100, GP_SPACE_ARRAY);
    assert_ptr_equal(ledger_holding(&ledger, 0x1000), a);
    assert_null(ledger_holding(&ledger, 0x1001));
    ledger_free(&ledger);
}

#define PLACES 2000u

/* Slot i is the address range [1000 i, 1000 i + 500). */
static void agrees_with_a_list(void **state)
{
    (void)state;
    static struct allocation *live[PLACES];
    struct ledger ledger;
    ledger_init(&ledger, 16);
    srand(7);
    size_t n_live = 0;
    for (int round = 0; round < 40000; round++) {
        size_t i = (size_t)rand() % PLACES;
        if (live[i]) {
            ledger_remove(&ledger, live[i]);
            ledger_drop(&ledger, live[i]);
            live[i] = NULL;
            n_live--;
        } else {
            live[i] = put(&ledger, 1000 * (i + 1), 500, GP_SPACE_DEVICE);
            assert_int_equal(live[i]->payload[1], 0);
            live[i]->payload[1] = i;
            n_live++;
        }
        size_t asked = (size_t)rand() % PLACES;
        uint64_t inside = 1000 * (asked + 1) + (uint64_t)(rand() % 1000);
        struct allocation *expected = inside % 1000 < 500 ? live[asked] : NULL;
        assert_ptr_equal(ledger_holding(&ledger, inside), expected);
        assert_int_equal(ledger.n_live, n_live);
    }
    size_t seen = 0;
    uint64_t at = 0;
    for (struct allocation *a; (a = ledger_from(&ledger, at)) != NULL; at = a->address + 1)
        seen++;
    assert_int_equal(seen, n_live);
    ledger_free(&ledger);
}

static void an_overlap_is_seen_from_both_sides(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_init(&ledger, 0);
    assert_null(ledger_overlapped(&ledger, 0x1000, 0x100, GP_SPACE_DEVICE));
    struct allocation *a = put(&ledger, 0x1000, 0x100, GP_SPACE_DEVICE);
    struct allocation *handle = put(&ledger, 0x3000, 0x100, GP_SPACE_ARRAY);
    assert_ptr_equal(ledger_overlapped(&ledger, 0x1000, 1, GP_SPACE_DEVICE), a);
    assert_ptr_equal(ledger_overlapped(&ledger, 0x10ff, 1, GP_SPACE_DEVICE), a);
    assert_ptr_equal(ledger_overlapped(&ledger, 0x0ff0, 0x11, GP_SPACE_DEVICE), a);
    assert_null(ledger_overlapped(&ledger, 0x0ff0, 0x10, GP_SPACE_DEVICE));
    assert_null(ledger_overlapped(&ledger, 0x1100, 0x1000, GP_SPACE_DEVICE));
    assert_null(ledger_overlapped(&ledger, 0x2000, 0x2000, GP_SPACE_DEVICE));
    assert_ptr_equal(ledger_overlapped(&ledger, 0x3000, 1, GP_SPACE_DEVICE), handle);
    assert_null(ledger_overlapped(&ledger, 0x1001, 1, GP_SPACE_ARRAY));
    /* Where it lived before, nothing is in the way. */
    ledger_remove(&ledger, a);
    assert_null(ledger_overlapped(&ledger, 0x1000, 0x100, GP_SPACE_DEVICE));
    assert_null(ledger_overlapped(&ledger, 0x0ff0, 0x100, GP_SPACE_DEVICE));
    ledger_insert(&ledger, a);
    assert_ptr_equal(ledger_overlapped(&ledger, 0x0ff0, 0x100, GP_SPACE_DEVICE), a);
    assert_ptr_equal(ledger_next(a), handle);
    assert_null(ledger_next(handle));
    ledger_free(&ledger);
}

/* A program whose addresses never come again. */
static void dead_places_are_dropped(void **state)
{
    (void)state;
    enum {
        LIVE = 10,
        ALL = 50000
    };
    struct allocation *live[LIVE];
    struct ledger ledger;
    ledger_init(&ledger, 0);
    for (uint64_t i = 0; i < ALL; i++) {
        const uint64_t address = 0x1000 + i * 7919 % ALL * 0x100;
        if (i >= LIVE) {
            ledger_remove(&ledger, live[i % LIVE]);
            ledger_drop(&ledger, live[i % LIVE]);
        }
        live[i % LIVE] = put(&ledger, address, 0x100, GP_SPACE_DEVICE);
        assert_ptr_equal(ledger_holding(&ledger, address + 0xff), live[i % LIVE]);
        assert_true(ledger.n_places < 5000);
    }
    assert_int_equal(ledger.n_live, LIVE);
    size_t seen = 0;
    for (struct allocation *at = ledger_from(&ledger, 0); at; at = ledger_next(at)) {
        assert_ptr_equal(ledger_at(&ledger, at->address), at);
        seen++;
    }
    assert_int_equal(seen, LIVE);
    ledger_free(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_address_and_inside),
        cmocka_unit_test(an_array_has_no_inside),
        cmocka_unit_test(agrees_with_a_list),
        cmocka_unit_test(an_overlap_is_seen_from_both_sides),
        cmocka_unit_test(dead_places_are_dropped),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
