/*
 * The first pass: which tensors there are, what shows their roles, and where each step's peak lies.
 */
#ifndef ANALYSIS_ROLES_IDENTIFY_H
#define ANALYSIS_ROLES_IDENTIFY_H

#include "roles/tensors.h"

/* The most that was live on a device, and when. */
struct peak {
    uint64_t bytes;
    uint64_t moment; /* of the replay, that reached it; 0: what was live at the begin */
    uint32_t node;
    bool seen;
};

struct device_peaks {
    bool used;
    uint64_t live;
    struct peak whole;  /* over the whole capture */
    struct peak *steps; /* [n_steps] */
    uint64_t pool_live; /* from memory pools */
    uint64_t pool_peak;
    uint64_t segments_live; /* of a caching allocator */
    uint64_t segments_peak;
};

/* Memory that a library took in a call whose record is still to come. */
struct library_memory {
    uint32_t thread;
    uint64_t address;
};

struct identify {
    struct replay replay;
    struct tensors *tensors;
    struct device_peaks devices[FACTS_DEVICES_MAX];
    uint64_t host_live; /* pinned or registered host memory, bytes */
    uint64_t host_peak;
    struct library_memory *library;
    size_t n_library;
    size_t library_capacity;
    uint64_t bad_marks; /* marks that begin as ours but cannot be read */
    uint64_t allocations;
};

/* Replays the capture once. `identify->replay`'s capture, facts, steps and nodes are set. */
void identify_run(struct identify *identify, struct tensors *tensors);
void identify_free(struct identify *identify);

#endif
