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

/* As mkdir(2), and remembers the folder. */
static int make_folder(struct out_files *files, const char *folder)
{
    if (mkdir(folder, 0777) != 0)
        return -1;
    if (files->n_folders == files->folders_capacity)
        files->folders = array_grown(files->folders, &files->folders_capacity, files->n_folders + 1,
                                     sizeof(char *));
    files->folders[files->n_folders++] = strdup(folder);
    return 0;
}

bool out_files_folder(struct out_files *files, const char *folder)
{
    char *path = strdup(folder);
    for (char *at = path + 1; *path && *at; at++)
        if (*at == '/') {
            *at = '\0';
            make_folder(files, path); /* what fails here fails below */
            *at = '/';
        }
    free(path);
    struct stat status;
    int made = make_folder(files, folder);
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
    const char *name = files->files[files->n - 1].name;
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
    if (files->failed)
        return NULL;
    ARRAY_RESERVE(files->files, files->capacity, files->n + 1);
    size_t bytes = strlen(folder) + strlen(name) + 32;
    char *path = memory_zeroed(bytes, 1);
    char *temporary = memory_zeroed(bytes, 1);
    snprintf(path, bytes, "%s/%s", folder, name);
    snprintf(temporary, bytes, "%s/.%s.%ld.part", folder, name, (long)getpid());
    files->files[files->n++] = (struct out_file){path, temporary};
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
        struct out_file *file = &files->files[renamed];
        if (rename(file->temporary, file->name) != 0) {
            fail(files, file->name);
            break;
        }
        free(file->temporary);
        file->temporary = NULL;
    }
    for (size_t i = 0; files->failed && i < renamed; i++)
        unlink(files->files[i].name); /* together or not at all */
    return !files->failed;
}

void out_files_close(struct out_files *files)
{
    if (files->open)
        fclose(files->open);
    for (size_t i = 0; i < files->n; i++) {
        if (files->files[i].temporary)
            unlink(files->files[i].temporary);
        free(files->files[i].temporary);
        free(files->files[i].name);
    }
    while (files->n_folders > 0) {
        char *folder = files->folders[--files->n_folders];
        rmdir(folder); /* refused where something stands in it */
        free(folder);
    }
    free(files->folders);
    free(files->files);
    *files = (struct out_files){0};
}
