/*
 * NVTX ranges and marks, in plain types: open ranges of each thread and domain, steps, and what of
 * it is recorded. Called at depth 1 where the program pushes and pops, deeper where a library does
 * so inside a call of the program's: then levels are kept and nothing is recorded.
 */
#ifndef GRAPHPROF_RANGES_H
#define GRAPHPROF_RANGES_H

#include <stdbool.h>
#include <stdint.h>

struct gp_name {
    uint32_t id; /* string id */
    bool step;   /* a range of this name is a step */
    bool tensor; /* a mark of this name says what a tensor is (node_name.h) */
};

/* Enters a name into the capture. `length` bytes; an empty name becomes "(unnamed)". */
struct gp_name gp_name_of(const char *bytes, unsigned length);
/* The name behind an id that gp_name_of gave. */
struct gp_name gp_name_again(uint32_t id);

#define GP_NO_TRACKING (-2) /* as NVTX says where no tool listens */

/* A domain by its name; the same name gives the same domain. 0 is the default domain.
   GP_DOMAINS_MAX if there are too many: its ranges are not recorded. */
unsigned gp_domain(const char *name);

/* The level of the range that begins or ends, from 0; negative if there is none. */
int gp_range_push(unsigned domain, struct gp_name name, bool program);
int gp_range_pop(unsigned domain, bool program);

/* Ranges that may end in another thread. */
uint64_t gp_range_start(unsigned domain, struct gp_name name);
void gp_range_end(unsigned domain, uint64_t range);

void gp_mark(unsigned domain, struct gp_name name);

#endif
