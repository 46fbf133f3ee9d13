/* The report at exit, with a script in graphprof's place that writes down how it was called. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "report_child.h"
#include "temporary.h"

static void write_script(const char *folder)
{
    char *path = NULL;
    assert_true(asprintf(&path, "%s/graphprof", folder) > 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(
        file,
        "#!/bin/sh\n"
        "{ echo \"$0 $*\"; env | grep -E '^(LD_PRELOAD|NVTX_INJ|GRAPHPROF_)'; cat; } >%s/called\n"
        "echo said on stdout\n"
        "kill -TERM $$\n", /* ignored by the program, not by its child */
        temporary);
    fclose(file);
    assert_int_equal(chmod(path, 0755), 0);
    free(path);
}

static char *contents(const char *name)
{
    static char text[1 << 16];
    char *path = temporary_path(name);
    FILE *file = fopen(path, "r");
    free(path);
    if (!file)
        return NULL;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* Calls the child as the library at `own_path` would, with stdout and stderr in files. */
static void report(const char *own_path)
{
    char *out = temporary_path("stdout"), *err = temporary_path("stderr");
    char *called = temporary_path("called");
    const int old_out = dup(STDOUT_FILENO), old_err = dup(STDERR_FILENO);
    unlink(called);
    fflush(stdout);
    const int out_fd = open(out, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    const int err_fd = open(err, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    dup2(out_fd, STDOUT_FILENO);
    dup2(err_fd, STDERR_FILENO);
    gp_report_child("/x/capture.gpcap", "/x", own_path);
    dup2(old_out, STDOUT_FILENO);
    dup2(old_err, STDERR_FILENO);
    close(old_out);
    close(old_err);
    close(out_fd);
    close(err_fd);
    free(out);
    free(err);
    free(called);
}

static char *saved_path(void)
{
    const char *path = getenv("PATH");
    return strdup(path ? path : "");
}

static void test_beside_the_library(void **state)
{
    (void)state;
    char *own_path = temporary_path("libgraphprof.so");
    char expected[200];
    write_script(temporary);
    setenv("GRAPHPROF_OUT", "/x", 1);
    setenv("NVTX_INJECTION64_PATH", "/y", 1);
    signal(SIGTERM, SIG_IGN);
    report(own_path);
    signal(SIGTERM, SIG_DFL);
    snprintf(expected, sizeof expected, "%s/graphprof report /x/capture.gpcap -o /x\n", temporary);
    assert_string_equal(contents("called"),
                        expected); /* and nothing of our environment, or of stdin */
    assert_string_equal(contents("stdout"), "");
    assert_string_equal(contents("stderr"), "said on stdout\n");
    free(own_path);
}

static void test_on_path(void **state)
{
    (void)state;
    char *folder = temporary_path("bin"), *own_path = temporary_path("elsewhere/libgraphprof.so");
    assert_int_equal(mkdir(folder, 0700), 0);
    write_script(folder);
    char *old_path = saved_path(), *new_path = NULL;
    assert_true(asprintf(&new_path, "%s:%s", folder, old_path) > 0);
    setenv("PATH", new_path, 1);
    report(own_path);
    setenv("PATH", old_path, 1);
    assert_non_null(strstr(contents("called"), "/bin/graphprof report /x/capture.gpcap -o /x"));
    free(folder);
    free(own_path);
    free(old_path);
    free(new_path);
}

static void test_nowhere(void **state)
{
    (void)state;
    char *old_path = saved_path();
    setenv("PATH", "/nonexistent", 1);
    report("/nonexistent/libgraphprof.so");
    setenv("PATH", old_path, 1);
    free(old_path);
    assert_null(contents("called"));
    assert_string_equal(contents("stdout"), "");
    assert_string_equal(
        contents("stderr"),
        "graphprof: cannot run 'graphprof': No such file or directory; later: graphprof "
        "report '/x/capture.gpcap' -o '/x'\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beside_the_library),
        cmocka_unit_test(test_on_path),
        cmocka_unit_test(test_nowhere),
    };
    gp_message_start();
    return cmocka_run_group_tests(tests, temporary_make, temporary_remove);
}
