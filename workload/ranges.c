/* See ranges.h. */
#include "ranges.h"

#include <assert.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>

#define DEPTH_MAX 8

static const char *open_names[DEPTH_MAX];
static int depth;

void range_push(const char *name)
{
    assert(depth < DEPTH_MAX);
    open_names[depth++] = name;
    nvtxRangePushA(name);
}

void range_pop(void)
{
    assert(depth > 0);
    depth--;
    nvtxRangePop();
}

const char *ranges_current(void)
{
    static char path[256];
    size_t length = 0;
    if (depth == 0)
        return "start";
    for (int i = 0; i < depth && length < sizeof path; i++)
        length += (size_t)snprintf(path + length, sizeof path - length, i ? " / %s" : "%s",
                                   open_names[i]);
    return path;
}
