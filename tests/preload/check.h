/* For the programs whose captures are known: what goes wrong is printed, and the exit status says
 * so. */
#ifndef TESTS_PRELOAD_CHECK_H
#define TESTS_PRELOAD_CHECK_H

#include <stdio.h>

static int failures;

static void check(int ok, const char *what)
{
    if (!ok)
        printf("wrong: %s\n", what);
    failures += !ok;
}

/* What the test compares with; for the end of main. */
static int checked(void)
{
    puts("done");
    return failures != 0;
}

#endif
