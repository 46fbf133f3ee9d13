#include "handles.h"
#include "current_device.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *trees[SG_HANDLE_KINDS][SG_DEVICES_MAX]; /* of tsearch(3), by address */

static int compare(const void *left, const void *right)
{
    return ((const char *)left > (const char *)right) - ((const char *)left < (const char *)right);
}

/* Where the handle is registered, or NULL. Under the lock. */
static void **tree_of(enum sg_handle_kind kind, const void *handle)
{
    for (int device = 0; device < sg_options()->devices; device++)
        if (tfind(handle, &trees[kind][device], compare))
            return &trees[kind][device];
    return NULL;
}

void *sg_handle_new(enum sg_handle_kind kind, size_t bytes)
{
    void *const handle = calloc(1, bytes);
    if (!handle)
        return NULL;
    pthread_mutex_lock(&lock);
    const bool kept = tsearch(handle, &trees[kind][sg_device()], compare) != NULL;
    pthread_mutex_unlock(&lock);
    if (kept)
        return handle;
    free(handle);
    return NULL;
}

bool sg_handle_valid(enum sg_handle_kind kind, const void *handle)
{
    pthread_mutex_lock(&lock);
    const bool known = tree_of(kind, handle) != NULL;
    pthread_mutex_unlock(&lock);
    return known;
}

bool sg_handle_end(enum sg_handle_kind kind, void *handle)
{
    pthread_mutex_lock(&lock);
    void **const tree = tree_of(kind, handle);
    const bool known = tree && tdelete(handle, tree, compare) != NULL;
    pthread_mutex_unlock(&lock);
    if (known)
        free(handle);
    return known;
}

void sg_handles_reset(enum sg_handle_kind kind, int device)
{
    pthread_mutex_lock(&lock);
    tdestroy(trees[kind][device], free);
    trees[kind][device] = NULL;
    pthread_mutex_unlock(&lock);
}
