/* For unit tests: a folder of its own, removed at the end. */
#ifndef TESTS_PRELOAD_TEMPORARY_H
#define TESTS_PRELOAD_TEMPORARY_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char temporary[64];

static int temporary_remove_one(const char *path, const struct stat *status, int type,
                                struct FTW *at)
{
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

static int temporary_make(void **state)
{
    (void)state;
    strcpy(temporary, "/tmp/graphprof-test-XXXXXX");
    return mkdtemp(temporary) ? 0 : -1;
}

static int temporary_remove(void **state)
{
    (void)state;
    return nftw(temporary, temporary_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path inside it; the caller frees it. */
static inline char *temporary_path(const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", temporary, name) < 0 ? NULL : path;
}

#endif
