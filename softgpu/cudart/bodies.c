/* Loads the tables of CPU bodies. */
#include "kernels.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct table {
    struct table *next;
    const struct softgpu_kernel *kernels;
};

static struct table *tables;
static char folder[PATH_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load_table(const char *path)
{
    void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "softgpu: %s\n", dlerror());
        return;
    }
    const struct softgpu_kernel *const kernels = dlsym(library, "softgpu_kernels");
    struct table *const table = kernels ? malloc(sizeof *table) : NULL;
    if (!table) {
        fprintf(stderr, "softgpu: %s: expected a table named softgpu_kernels\n", path);
        return;
    }
    *table = (struct table){.next = tables, .kernels = kernels};
    tables = table;
}

static int is_library(const struct dirent *entry)
{
    const char *const dot = strrchr(entry->d_name, '.');
    return dot && dot != entry->d_name && strcmp(dot, ".so") == 0;
}

static void load_folder(void)
{
    Dl_info self;
    if (!dladdr((const void *)&sg_kernel_body, &self) || !self.dli_fname)
        return;
    const char *const slash = strrchr(self.dli_fname, '/');
    const int length = slash ? (int)(slash - self.dli_fname) : 1;
    snprintf(folder, sizeof folder, "%.*s/kernels", length, slash ? self.dli_fname : ".");
    struct dirent **entries;
    const int count = scandir(folder, &entries, is_library, alphasort);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        if (snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name) < (int)sizeof path)
            load_table(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

const char *sg_kernel_folder(void)
{
    pthread_once(&once, load_folder);
    return folder;
}

const struct softgpu_kernel *sg_kernel_body(const char *name)
{
    pthread_once(&once, load_folder);
    for (const struct table *table = tables; table; table = table->next)
        for (const struct softgpu_kernel *kernel = table->kernels; kernel->name; kernel++)
            if (strcmp(kernel->name, name) == 0)
                return kernel;
    return NULL;
}
