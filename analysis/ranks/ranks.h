/*
 * The ranks of a parallel job side by side: what each is as a whole, and each op over the ranks in
 * which it ran. Filled rank by rank, lowest first, from their analyses, which may then be freed.
 */
#ifndef ANALYSIS_RANKS_RANKS_H
#define ANALYSIS_RANKS_RANKS_H

#include <stdio.h>

#include "analysis.h"
#include "base/table.h"

struct rank_run {
    long rank;
    uint64_t step_ns; /* median, on the host */
    uint64_t peak_bytes;
    char *peak_node;
    char device[32];
    char *host;
};

/* One value a rank, in nanoseconds or bytes. */
struct rank_values {
    uint64_t *values; /* [n] */
    size_t capacity;
};

struct rank_op {
    char *key; /* gtype and name */
    char *name;
    enum gtype gtype;
    enum time_source time_source;
    bool mixed;  /* time sources differ */
    long *ranks; /* [n] in which it ran, rising */
    size_t n;
    size_t ranks_capacity;
    struct rank_values run_ns;
    struct rank_values peak;
    UT_hash_handle hh;
};

struct ranks {
    struct rank_run *runs;
    size_t n_runs;
    size_t capacity;
    long world_size;     /* as the launcher said; 0: not known */
    struct rank_op *ops; /* in the order of the lowest rank that ran them; a table by key */
};

/* What an op's values come to. */
struct rank_spread {
    uint64_t min;
    uint64_t median; /* the lower one */
    uint64_t max;
    long max_rank;
    double mean;
    double imbalance; /* max / mean; 1 if all are 0 */
};

void ranks_add(struct ranks *ranks, long rank, const struct analysis *analysis);
struct rank_spread ranks_spread(const struct rank_op *op, const struct rank_values *of);
void ranks_free(struct ranks *ranks);

/* ranks.csv, column by column as include/graphprof/ranks_csv.def says. */
void ranks_write_csv(FILE *to, const struct ranks *ranks);

/* For a reader at a terminal: each rank, the slowest, and the ops that differ most. */
void ranks_print(FILE *to, const struct ranks *ranks);

#endif
