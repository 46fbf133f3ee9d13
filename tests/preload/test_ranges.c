/* What of NVTX is recorded, and the levels it gives back. The capture is read as a line of words.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "emit.h"
#include "fake_vendor.h"
#include "ranges.h"
#include "recorder.h"
#include "step_filter.h"

static const char *names[10000];
static char line[4096];

static void say(const char *word, uint32_t name, uint32_t domain)
{
    const size_t n = strlen(line);
    snprintf(line + n, sizeof line - n, "%s%s%s%s%s ", word, name ? ":" : "",
             name ? names[name] : "", domain ? "@" : "", domain ? names[domain] : "");
}

static void take(uint64_t head, const void *payload, void *data)
{
    (void)data;
    switch (gp_head_type(head)) {
    case GP_RECORD_STRING:
        recorder_keep_text(names, payload);
        break;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_POP: {
        const struct gp_record_range *range = payload;
        say(gp_head_type(head) == GP_RECORD_RANGE_PUSH ? "push" : "pop", range->name,
            range->domain);
        break;
    }
    case GP_RECORD_RANGE_START:
    case GP_RECORD_RANGE_END: {
        const struct gp_record_range_start *range = payload;
        say(gp_head_type(head) == GP_RECORD_RANGE_START ? "start" : "end", range->name,
            range->domain);
        break;
    }
    case GP_RECORD_MARK:
        say("mark", ((const struct gp_record_mark *)payload)->name, 0);
        break;
    case GP_RECORD_DETAIL:
        say(((const struct gp_record_detail *)payload)->on ? "on" : "off", 0, 0);
        break;
    case GP_RECORD_CALL:
        say("call", 0, 0);
        break;
    case GP_RECORD_ALLOC:
        say("alloc", 0, 0);
        break;
    case GP_RECORD_DEVICE_SAMPLE: {
        const struct gp_record_device_sample *sample = payload;
        say(sample->free_bytes == UINT64_MAX ? "sample(pool)" : "sample", 0, 0);
        break;
    }
    default:
        break;
    }
}

static void expect(const char *expected)
{
    assert_string_equal(recorder_line(line, take), expected);
}

static struct gp_name named(const char *text) { return gp_name_of(text, (unsigned)strlen(text)); }
static int push(const char *text) { return gp_range_push(0, named(text), true); }
static int pop(void) { return gp_range_pop(0, true); }
static void mark(const char *text) { gp_mark(0, named(text)); }

static int all_steps(void **state)
{
    (void)state;
    gp_step_filter_steps("all");
    gp_step_filter_patterns("step*,iter*");
    atomic_store(&gp_step_filter_detail, true);
    recorder_read(take, NULL);
    return 0;
}

static void test_levels(void **state)
{
    (void)state;
    assert_int_equal(push("a"), 0);
    assert_int_equal(push(""), 1);
    assert_int_equal(pop(), 1);
    assert_int_equal(pop(), 0);
    assert_true(pop() < 0);
    assert_int_equal(push("b"), 0);
    assert_int_equal(pop(), 0);
    expect("push:a push:(unnamed) pop pop push:b pop ");
}

static void test_domains(void **state)
{
    (void)state;
    const unsigned one = gp_domain("one"), two = gp_domain("two");
    assert_true(one != 0 && two != 0 && one != two);
    assert_int_equal(gp_domain("one"), one);
    assert_int_equal(gp_range_push(one, named("x"), true), 0);
    assert_int_equal(push("y"), 0);
    assert_int_equal(gp_range_push(two, named("z"), true), 0);
    assert_int_equal(gp_range_pop(one, true), 0);
    assert_int_equal(pop(), 0);
    assert_int_equal(gp_range_pop(two, true), 0);
    expect("push:x@one push:y push:z@two pop@one pop pop@two ");
}

static void test_deep(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(push("deep"), i);
    for (int i = 99; i >= 0; i--)
        assert_int_equal(pop(), i);
    line[0] = '\0';
    recorder_read(take, NULL);
    unsigned pushes = 0, pops = 0;
    for (const char *p = line; (p = strstr(p, "push:deep ")) != NULL; p++)
        pushes++;
    for (const char *p = line; (p = strstr(p, "pop ")) != NULL; p++)
        pops++;
    assert_int_equal(pushes, GP_RECORDED_LEVELS);
    assert_int_equal(pops, GP_RECORDED_LEVELS);
}

/* Inside a call of the program's: a library's ranges have their levels and are not recorded. */
static void test_a_library_s_ranges(void **state)
{
    (void)state;
    const struct gp_name none = {0};
    assert_int_equal(push("program"), 0);
    assert_int_equal(gp_range_push(0, none, false), 1);
    assert_int_equal(gp_range_pop(0, false), 1);
    assert_int_equal(pop(), 0);
    expect("push:program pop ");
}

static void test_started_ranges(void **state)
{
    (void)state;
    const unsigned domain = gp_domain("one");
    const uint64_t a = gp_range_start(0, named("a")), b = gp_range_start(domain, named("b"));
    assert_true(a != 0 && b != 0 && a != b);
    gp_range_end(0, a);
    gp_range_end(domain, b);
    gp_range_end(0, 0); /* as a program ends a range that was started before there was a tool */
    expect("start:a start:b@one end end@one ");
}

static void step(const char *name)
{
    const uint64_t address = 1;
    push(name);
    push("layer");
    gp_emit_call(GP_API_cudaMemset, &address, 1, 0);
    mark("in the step");
    gp_range_end(0, gp_range_start(0, named("started")));
    gp_emit_alloc(GP_API_cudaMallocHost, &address, 10, GP_SPACE_HOST, NULL);
    pop();
    pop();
}

#define WHOLE   "push:layer call mark:in the step start:started end alloc pop pop "
#define OUTLINE "alloc pop "

static void test_detail(void **state)
{
    (void)state;
    const uint64_t now = gp_step_filter_next() + 1;
    char value[64];
    snprintf(value, sizeof value, "%d-%d", (int)now + 1, (int)now + 2);
    assert_true(gp_step_filter_steps(value));
    mark("before all steps");
    step("step a");
    mark("between");
    mark("graphprof.tensor role=parameter");
    step("step b");
    step("iter c");
    mark("between");
    step("step d");
    push("evaluation");
    pop();
    expect("mark:before all steps "
           "off push:step a " OUTLINE "mark:graphprof.tensor role=parameter "
           "on push:step b " WHOLE "push:iter c " WHOLE "mark:between "
           "off push:step d " OUTLINE);
}

/* A step in a step of the same thread is an ordinary range: it is not counted. */
static void test_nested_steps(void **state)
{
    (void)state;
    const uint64_t now = gp_step_filter_next() + 1;
    push("step outer");
    push("step inner");
    pop();
    pop();
    assert_int_equal(gp_step_filter_next(), now + 1);
    expect("push:step outer push:step inner pop pop ");
}

static void test_names_that_come_again(void **state)
{
    (void)state;
    const struct gp_name name = named("step registered");
    const struct gp_name again = gp_name_again(name.id);
    assert_true(again.id == name.id && again.step && !again.tensor);
    assert_true(gp_name_again(named("graphprof.tensor x").id).tensor);
    assert_false(gp_name_again(named("graphprof.tensors").id).tensor);
    assert_int_equal(gp_name_again(0).id, named("(unnamed)").id);
}

/* The driver is asked at the end of steps 1 to 4 and of each power of two, once there is memory. */
static void test_device_samples(void **state)
{
    (void)state;
    static char memory[100];
    push("step without memory");
    pop();
    assert_int_equal(fake_vendor.asked_driver, 0);
    gp_emit_alloc(GP_API_cudaMallocAsync, memory, sizeof memory, GP_SPACE_POOL, NULL);
    recorder_read(take, NULL);
    push("step");
    pop();
    expect("push:step pop sample(pool) "); /* the 12th or so step of these tests */
    for (int i = 0; i < 100; i++) {
        push("step");
        pop();
    }
    assert_in_range(fake_vendor.asked_driver, 3, 4); /* 16, 32, 64 and perhaps 128 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_levels, all_steps),
        cmocka_unit_test_setup(test_domains, all_steps),
        cmocka_unit_test_setup(test_deep, all_steps),
        cmocka_unit_test_setup(test_a_library_s_ranges, all_steps),
        cmocka_unit_test_setup(test_started_ranges, all_steps),
        cmocka_unit_test_setup(test_detail, all_steps),
        cmocka_unit_test_setup(test_nested_steps, all_steps),
        cmocka_unit_test_setup(test_names_that_come_again, all_steps),
        cmocka_unit_test_setup(test_device_samples, all_steps),
    };
    return cmocka_run_group_tests(tests, recorder_start, recorder_stop);
}
