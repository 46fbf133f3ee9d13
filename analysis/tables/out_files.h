/*
 * Files that appear together or not at all: each is written under a temporary name beside its own
 * and all are renamed when every one is whole. After a failure none of the temporary ones is left,
 * nor a folder that was made for them.
 */
#ifndef ANALYSIS_TABLES_OUT_FILES_H
#define ANALYSIS_TABLES_OUT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct out_file {
    char *name;
    char *temporary; /* NULL: it bears its own name by now */
};

struct out_files {
    struct out_file *files;
    size_t n;
    size_t capacity;
    char **folders; /* that were made here, those above first */
    size_t n_folders;
    size_t folders_capacity;
    FILE *open; /* the last one */
    bool failed;
    char fault[512]; /* one line: the file and what went wrong */
};

/* Makes the folder and those above it as needed. False: `fault`. */
bool out_files_folder(struct out_files *files, const char *folder);

/* The next file; the one before is finished first. NULL: `fault`. */
FILE *out_files_open(struct out_files *files, const char *folder, const char *name);

/* Renames all. False: `fault`, and none of them is there. */
bool out_files_commit(struct out_files *files);

/* Removes what was not committed, folders that are empty then, and frees the names. */
void out_files_close(struct out_files *files);

#endif
