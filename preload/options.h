/*
 * The options, as read from the environment once per process; include/graphprof/options.def is the
 * table of them. A value that cannot be used is said (when a capture is opened) and the default
 * taken: the program runs on. Read-only after gp_options_read.
 */
#ifndef GRAPHPROF_PRELOAD_OPTIONS_H
#define GRAPHPROF_PRELOAD_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "graphprof/out_name.h"

enum gp_option {
#define GP_OPTION(id, variable, preset, meaning) GP_OPTION_##id,
#include "graphprof/options.def"
#undef GP_OPTION
    GP_OPTION_COUNT
};

/* What times work on the GPU. */
enum gp_time_source {
    GP_TIME_AUTO, /* CUPTI, else events, but these not on softgpu */
    GP_TIME_CUPTI,
    GP_TIME_EVENT,
    GP_TIME_CUPTI_OR_EVENT
};

struct gp_options {
    const char *value[GP_OPTION_COUNT]; /* as in effect, before %p, %h and %r are put in */
    char out[PATH_MAX];                 /* absolute; empty if it is too long */
    struct gp_rank rank;
    bool out_is_shared; /* other ranks have the same folder */
    bool report;
    int verbose;
    enum gp_time_source time_source;
    uint64_t probe_step; /* UINT64_MAX: none */
};

extern const char *const gp_option_variables[GP_OPTION_COUNT];

/* Keeps what it points to from the environment; to be called once, early. */
void gp_options_read(void);
const struct gp_options *gp_options(void);

/* Says what was wrong with the options. */
void gp_options_complain(void);

/*
 * Points NVTX at this library, for all copies of NVTX in the process and its children, unless
 * another tool has taken the place. Returns that tool's path, or NULL.
 */
const char *gp_options_claim_nvtx(const char *own_path);

/* The same for the driver, which loads what CUDA_INJECTION64_PATH names. */
const char *gp_options_claim_cuda(const char *own_path);

/* CUDA_HOME, or NULL. */
const char *gp_options_cuda_home(void);

/*
 * The environment for a child that is no part of the program: without LD_PRELOAD,
 * NVTX_INJECTION64_PATH, CUDA_INJECTION64_PATH and our options. Allocated; NULL if there is no
 * memory.
 */
char **gp_options_child_environment(void);

#endif
