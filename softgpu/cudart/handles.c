#include "handles.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *trees[SG_HANDLE_KINDS]; /* of tsearch(3), by address */

static int compare(const void *left, const void *right)
{
    return ((const char *)left > (const char *)right) - ((const char *)left < (const char *)right);
}

void *sg_handle_new(enum sg_handle_kind kind, size_t bytes)
{
    void *const handle = calloc(1, bytes);
    if (!handle)
        return NULL;
    pthread_mutex_lock(&lock);
    const bool kept = tsearch(handle, &trees[kind], compare) != NULL;
    pthread_mutex_unlock(&lock);
    if (kept)
        return handle;
    free(handle);
    return NULL;
}

bool sg_handle_valid(enum sg_handle_kind kind, const void *handle)
{
    pthread_mutex_lock(&lock);
    const bool known = tfind(handle, &trees[kind], compare) != NULL;
    pthread_mutex_unlock(&lock);
    return known;
}

bool sg_handle_end(enum sg_handle_kind kind, void *handle)
{
    pthread_mutex_lock(&lock);
    const bool known = tdelete(handle, &trees[kind], compare) != NULL;
    pthread_mutex_unlock(&lock);
    if (known)
        free(handle);
    return known;
}

void sg_handles_reset(enum sg_handle_kind kind)
{
    pthread_mutex_lock(&lock);
    tdestroy(trees[kind], free);
    trees[kind] = NULL;
    pthread_mutex_unlock(&lock);
}
