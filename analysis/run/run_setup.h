/* What `graphprof run` prepares before the program starts: its folder and its environment. */
#ifndef ANALYSIS_RUN_SETUP_H
#define ANALYSIS_RUN_SETUP_H

#include <stdbool.h>

#include "run/run_child.h"

#define RUN_SETTINGS_MAX 8

enum run_softgpu {
    RUN_SOFTGPU_AUTO, /* where no driver answers */
    RUN_SOFTGPU_YES,
    RUN_SOFTGPU_NO
};

struct run_setup {
    char *folder;      /* absolute; made if it was not there */
    char *capture;     /* the capture's path in it */
    char *others;      /* glob(7) pattern of those that processes beside the first one make */
    char *ranks;       /* and of those among them that the ranks of a parallel job make */
    bool made_folder;  /* by us: to be removed again if nothing comes to stand in it */
    size_t n_settings; /* the program's environment: LD_PRELOAD, GRAPHPROF_*, LD_LIBRARY_PATH,
                            NVTX_INJECTION64_PATH, CUDA_INJECTION64_PATH, PYTHONPATH,
                            GOMP_SPINCOUNT */
    struct run_setting settings[RUN_SETTINGS_MAX];
};

/*
 * Makes the folder (NULL: graphprof.%p; %p, %h and %r as in out_name.h), removes what an earlier
 * run left there under our names, and fills *setup. Returns an exit status of commands.def; unless
 * it is 0, the fault was said on stderr. `step_every` NULL: as in the environment. What *setup
 * holds is kept until the process ends.
 */
int run_setup_prepare(struct run_setup *setup, const char *folder, enum run_softgpu softgpu,
                      const char *step_every);

#endif
