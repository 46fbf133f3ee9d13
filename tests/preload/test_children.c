/* Children after fork, however they were made, record nothing and leave their parent's capture be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emit.h"
#include "recorder.h"

static void count(uint64_t head, const void *payload, void *data)
{
    (void)payload;
    *(unsigned *)data += gp_head_type(head) != GP_RECORD_KIND;
}

static void in_child(void)
{
    const bool open = gp_capture_is_open();
    for (int i = 0; i < 100; i++)
        gp_emit_range_push(1, 0);
    _exit(open || gp_capture_ready());
}

static void expect_nothing_of(pid_t child)
{
    int status = -1;
    unsigned records = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    recorder_read(count, &records);
    assert_int_equal(records, 0);
    gp_emit_range_pop(0);
    recorder_read(count, &records);
    assert_int_equal(records, 1); /* the parent goes on behind what it had */
}

static void test_fork(void **state)
{
    (void)state;
    recorder_skip();
    const pid_t child = fork();
    if (child == 0) {
        gp_capture_abandon(); /* lifecycle.c's atfork handler */
        in_child();
    }
    expect_nothing_of(child);
}

/* No handler runs: the kernel alone tells the child that it is one. */
static void test_bare_clone(void **state)
{
    (void)state;
    recorder_skip();
    const pid_t child = (pid_t)syscall(SYS_fork);
    if (child == 0)
        in_child();
    expect_nothing_of(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_bare_clone),
    };
    return cmocka_run_group_tests(tests, recorder_start, recorder_stop);
}
