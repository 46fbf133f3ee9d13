#include "tables/out_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

static void fail(struct out_files *files, const char *name)
{
    if (!files->failed)
        snprintf(files->fault, sizeof files->fault, "cannot write '%.400s': %s", name,
                 strerror(errno));
    files->failed = true;
}

bool out_files_folder(struct out_files *files, const char *folder)
{
    char *path = strdup(folder);
    for (char *at = path + 1; *path && *at; at++)
        if (*at == '/') {
            *at = '\0';
            mkdir(path, 0777); /* what fails here fails below */
            *at = '/';
        }
    free(path);
    struct stat status;
    int made = mkdir(folder, 0777);
    if (made != 0 && errno == EEXIST)
        made = stat(folder, &status);
    if (made == 0 && stat(folder, &status) == 0 && !S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        made = -1;
    }
    if (made != 0)
        fail(files, folder);
    return !files->failed;
}

static void finish(struct out_files *files)
{
    if (!files->open)
        return;
    const char *name = files->names[files->n - 1];
    errno = 0;
    bool bad = ferror(files->open) != 0;
    if (fclose(files->open) != 0 || bad) {
        if (errno == 0)
            errno = EIO;
        fail(files, name);
    }
    files->open = NULL;
}

FILE *out_files_open(struct out_files *files, const char *folder, const char *name)
{
    finish(files);
    if (files->failed || files->n == OUT_FILES_MAX)
        return NULL;
    size_t bytes = strlen(folder) + strlen(name) + 32;
    char *path = memory_zeroed(bytes, 1);
    char *temporary = memory_zeroed(bytes, 1);
    snprintf(path, bytes, "%s/%s", folder, name);
    snprintf(temporary, bytes, "%s/.%s.%ld.part", folder, name, (long)getpid());
    files->names[files->n] = path;
    files->temporary[files->n] = temporary;
    files->n++;
    files->open = fopen(temporary, "we");
    if (!files->open)
        fail(files, path);
    return files->open;
}

bool out_files_commit(struct out_files *files)
{
    finish(files);
    size_t renamed = 0;
    for (; renamed < files->n && !files->failed; renamed++) {
        if (rename(files->temporary[renamed], files->names[renamed]) != 0) {
            fail(files, files->names[renamed]);
            break;
        }
        free(files->temporary[renamed]);
        files->temporary[renamed] = NULL;
    }
    for (size_t i = 0; files->failed && i < renamed; i++)
        unlink(files->names[i]); /* together or not at all */
    return !files->failed;
}

void out_files_close(struct out_files *files)
{
    if (files->open)
        fclose(files->open);
    for (size_t i = 0; i < files->n; i++) {
        if (files->temporary[i])
            unlink(files->temporary[i]);
        free(files->temporary[i]);
        free(files->names[i]);
    }
    files->open = NULL;
    files->n = 0;
}
