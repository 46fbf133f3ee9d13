/* What hooks in Python call: each gives the records of the calls that it stands for, through C and
   as CPython calls it, with objects. Objects are strings here, and numbers in boxes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "own_ranges.h"
#include "recorder.h"
#include "step_filter.h"

static const char *names[1000];
static char line[1024];

/* A record as a word: what it is, its name or, of a range that was started, its number in turn. */
static void take(uint64_t head, const void *payload, void *data)
{
    static uint64_t started[16];
    static unsigned n;
    const struct gp_record_range *range = payload;
    const struct gp_record_range_start *start = payload;
    char *end = line + strlen(line);
    const size_t room = sizeof line - (size_t)(end - line);
    unsigned i = 0;
    (void)data;
    switch (gp_head_type(head)) {
    case GP_RECORD_STRING:
        recorder_keep_text(names, payload);
        break;
    case GP_RECORD_RANGE_PUSH:
        snprintf(end, room, "push:%s@%s ", names[range->name], names[range->domain]);
        break;
    case GP_RECORD_RANGE_POP:
        snprintf(end, room, "pop@%s ", names[range->domain]);
        break;
    case GP_RECORD_RANGE_START:
        assert_true(n < sizeof started / sizeof *started);
        started[n] = start->range;
        snprintf(end, room, "start:%s:%u ", names[start->name], n++);
        break;
    case GP_RECORD_RANGE_END:
        while (i < n && started[i] != start->range)
            i++;
        snprintf(end, room, "end:%u ", i);
        break;
    case GP_RECORD_MARK:
        snprintf(end, room, "mark:%s ", names[((const struct gp_record_mark *)payload)->name]);
        break;
    default:
        break;
    }
}

static void expect(const char *expected)
{
    assert_string_equal(recorder_line(line, take), expected);
}

static int whole_steps(void **state)
{
    (void)state;
    gp_step_filter_steps("all");
    gp_step_filter_patterns("step*");
    atomic_store(&gp_step_filter_detail, true);
    return 0;
}

static void test_two_in_one(void **state)
{
    (void)state;
    const uint64_t a = graphprof_name("a"), b = graphprof_name("b");
    assert_true(a && b && a != b && a == graphprof_name("a"));
    graphprof_range_push(a);
    graphprof_range_next(b);
    graphprof_range_pop();
    expect("push:a@graphprof pop@graphprof push:b@graphprof pop@graphprof ");
    const uint64_t first = graphprof_range_follow(0, a);
    const uint64_t second = graphprof_range_follow(first, b);
    assert_true(first && second && first != second);
    graphprof_range_end(second);
    expect("start:a:0 end:0 start:b:1 end:1 ");
}

/* As python/graphprof_torch/recorder.py finds them, and as CPython calls them. */
struct object {
    const char *text; /* bytes */
    unsigned long long number;
};
struct method {
    const char *name;
    void *call;
    int flags;
    const char *doc;
};
extern const struct method graphprof_python_methods[];
void graphprof_python_connect(const char *(*bytes)(struct object *),
                              struct object *(*from_number)(unsigned long long),
                              unsigned long long (*as_number)(struct object *));

static const char *bytes_of(struct object *object) { return object->text; }
static unsigned long long number_of(struct object *object) { return object->number; }
static struct object *object_of(unsigned long long number)
{
    static struct object given[64];
    static unsigned n;
    assert_true(n < sizeof given / sizeof *given);
    given[n].number = number;
    return &given[n++];
}

static struct object *call(const char *name, struct object *first, struct object *second)
{
    const struct method *method = graphprof_python_methods;
    struct object *const both[] = {first, second};
    union {
        void *found;
        struct object *(*one)(struct object *, struct object *);
        struct object *(*several)(struct object *, struct object *const *, ptrdiff_t);
    } as;
    while (method->name && strcmp(method->name, name) != 0)
        method++;
    assert_non_null(method->name);
    as.found = method->call;
    return method->flags == 0x80 ? as.several(NULL, both, 2) : as.one(NULL, first);
}

static void test_from_python(void **state)
{
    (void)state;
    struct object step_text = {"step 7", 0}, conv_text = {"conv", 0}, none = {NULL, 0};
    graphprof_python_connect(bytes_of, object_of, number_of);
    struct object *step = call("name", &step_text, NULL), *conv = call("name", &conv_text, NULL);
    struct object *unnamed = call("name", &(struct object){"", 0}, NULL);
    assert_int_equal(call("push", step, NULL)->number, 0);
    call("push", conv, NULL);
    call("next", unnamed, NULL);
    call("pop", NULL, NULL);
    call("mark", &conv_text, NULL);
    struct object *range = call("follow", call("follow", &none, conv), unnamed);
    call("end", range, NULL);
    call("pop", NULL, NULL);
    expect("push:step 7@graphprof push:conv@graphprof pop@graphprof push:(unnamed)@graphprof "
           "pop@graphprof mark:conv start:conv:2 end:2 start:(unnamed):3 end:3 pop@graphprof ");
    /* What is no text is Python's to say. */
    assert_null(call("name", &none, NULL));
    assert_null(call("mark", &none, NULL));
    expect("");
}

/* A number says whether the name is a step's: where steps are not in detail, nothing in them is. */
static void test_steps(void **state)
{
    (void)state;
    assert_true(gp_step_filter_steps("1000000"));
    assert_true(graphprof_in_detail()); /* what comes before the first step belongs to all */
    graphprof_range_push(graphprof_name("step 8"));
    assert_false(graphprof_in_detail());
    assert_int_equal(call("in_detail", NULL, NULL)->number, 0);
    graphprof_range_push(graphprof_name("conv"));
    graphprof_range_pop();
    graphprof_range_pop();
    expect("push:step 8@graphprof pop@graphprof ");
    assert_true(gp_step_filter_steps("all"));
    graphprof_range_push(graphprof_name("step 9"));
    assert_true(graphprof_in_detail());
    assert_int_equal(call("in_detail", NULL, NULL)->number, 1);
    graphprof_range_pop();
    expect("push:step 9@graphprof pop@graphprof ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_two_in_one, whole_steps),
        cmocka_unit_test_setup(test_from_python, whole_steps),
        cmocka_unit_test_setup(test_steps, whole_steps),
    };
    return cmocka_run_group_tests(tests, recorder_start, recorder_stop);
}
