/*
 * Which rank of a parallel job this process is, and the names of folders with %p, %h and %r in
 * them: the same for the recorder (GRAPHPROF_OUT) and for `graphprof run -o`.
 */
#ifndef GRAPHPROF_OUT_NAME_H
#define GRAPHPROF_OUT_NAME_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GP_RANK_DIGITS_MAX 6u

/* Folders and captures of a rank, as in rank_003. */
#define GP_RANK_FORMAT "rank_%03ld"

struct gp_rank {
    bool known; /* a launcher has said so */
    long rank;  /* 0 unless known */
    long size;  /* how many ranks there are; 0: not known */
};

/* As getenv(3). */
typedef char *gp_get_variable(const char *name);

/* A whole number of a variable, or -1. Other programs may use such names for other things. */
static inline long gp_rank_number(gp_get_variable *get, const char *variable)
{
    const char *text = *variable ? get(variable) : NULL;
    const size_t digits = text ? strspn(text, "0123456789") : 0;
    return digits == 0 || digits > GP_RANK_DIGITS_MAX || text[digits] ? -1 : strtol(text, NULL, 10);
}

static inline struct gp_rank gp_rank_find(gp_get_variable *get)
{
    static const struct {
        const char *rank, *size, *needs;
    } rows[] = {
#define GP_RANK(rank, size, needs) {rank, size, needs},
#include "graphprof/rank.def"
#undef GP_RANK
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const long rank = gp_rank_number(get, rows[i].rank);
        if (rank < 0 || (*rows[i].needs && !get(rows[i].needs)))
            continue;
        const long size = gp_rank_number(get, rows[i].size);
        return (struct gp_rank){true, rank, size > rank ? size : 0};
    }
    return (struct gp_rank){false, 0, 0};
}

/* Whether several processes of the job would have the same name from this pattern. */
static inline bool gp_out_name_is_shared(const char *pattern, const struct gp_rank *rank)
{
    if (!rank->known || rank->size == 1)
        return false;
    for (const char *p = strchr(pattern, '%'); p && p[1]; p = strchr(p + 2, '%'))
        if (p[1] == 'p' || p[1] == 'r')
            return false;
    return true;
}

/* Puts pid, host name and rank in for %p, %h and %r, and % for %%. False if it becomes too long. */
static inline bool gp_out_name(const char *pattern, const struct gp_rank *rank, char *out,
                               size_t size)
{
    size_t n = 0;
    for (const char *p = pattern; *p; p++) {
        char piece[HOST_NAME_MAX + 1] = {*p, '\0'};
        const char asked = p[0] == '%' ? p[1] : '\0';
        if (asked == 'p')
            snprintf(piece, sizeof piece, "%ld", (long)getpid());
        else if (asked == 'r')
            snprintf(piece, sizeof piece, "%ld", rank->rank);
        else if (asked == 'h' && gethostname(piece, sizeof piece) != 0)
            snprintf(piece, sizeof piece, "localhost");
        piece[HOST_NAME_MAX] = '\0';
        if (asked == 'p' || asked == 'r' || asked == 'h' || asked == '%')
            p++;
        const size_t length = strlen(piece);
        if (n + length >= size)
            return false;
        memcpy(out + n, piece, length);
        n += length;
    }
    out[n] = '\0';
    return true;
}

#endif
