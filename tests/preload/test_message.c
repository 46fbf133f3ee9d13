/* What the recorder says on stderr. Each case is a process of its own: what was said is counted
   over the process. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"
#include "temporary.h"

/* Runs `body` with stderr as the case wants it; the child's exit status, or -1 after a signal. */
static int in_process(void (*body)(const char *path), const char *path)
{
    int status;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        body(path);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *contents(const char *path)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void open_as_stderr(const char *path)
{
    close(STDERR_FILENO);
    if (open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600) != STDERR_FILENO)
        _exit(9);
}

static void say_thirty(const char *path)
{
    open_as_stderr(path);
    gp_message_start();
    errno = 77;
    for (int i = 0; i < 30; i++)
        gp_message("line %d", i);
    if (errno != 77)
        _exit(1);
}

static void test_capped(void **state)
{
    (void)state;
    char *path = temporary_path("capped");
    assert_int_equal(in_process(say_thirty, path), 0);
    const char *text = contents(path);
    unsigned lines = 0;
    for (const char *p = text; (p = strstr(p, "graphprof: line ")) != NULL; p++)
        lines++;
    assert_int_equal(lines, GP_MESSAGES_MAX);
    assert_non_null(strstr(text, "graphprof: line 0\ngraphprof: line 1\n"));
    free(path);
}

static void say_long(const char *path)
{
    char text[5000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    open_as_stderr(path);
    gp_message_start();
    gp_message("%s", text);
    gp_message("next");
}

static void test_long(void **state)
{
    (void)state;
    char *path = temporary_path("long");
    assert_int_equal(in_process(say_long, path), 0);
    const char *text = contents(path);
    const size_t first = strcspn(text, "\n");
    assert_in_range(first, 900, 1100);
    assert_string_equal(text + first, "\ngraphprof: next\n");
    free(path);
}

/* The program was started without stderr; a file of its own has the number now. */
static void say_into_another_file(const char *path)
{
    close(STDERR_FILENO);
    gp_message_start();
    open_as_stderr(path);
    gp_message("not into this file");
}

static void test_closed(void **state)
{
    (void)state;
    char *path = temporary_path("closed");
    assert_int_equal(in_process(say_into_another_file, path), 0);
    assert_string_equal(contents(path), "");
    free(path);
}

static void say_to_nobody(const char *path)
{
    int ends[2];
    sigset_t blocked;
    (void)path;
    signal(SIGPIPE, SIG_DFL);
    if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
        _exit(9);
    close(ends[0]);
    gp_message_start();
    gp_message("to nobody");
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    if (sigismember(&blocked, SIGPIPE))
        _exit(1);
}

/* `program 2>&1 | head`: the reader has gone. */
static void test_broken_pipe(void **state)
{
    (void)state;
    assert_int_equal(in_process(say_to_nobody, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capped),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_closed),
        cmocka_unit_test(test_broken_pipe),
    };
    return cmocka_run_group_tests(tests, temporary_make, temporary_remove);
}
