/* What NVTX calls, by the module and number of its callback tables. */
#ifndef GRAPHPROF_NVTX_HANDLERS_H
#define GRAPHPROF_NVTX_HANDLERS_H

#define NVTX_NO_IMPL
#include <nvtx3/nvToolsExt.h>

struct gp_nvtx_handler {
    unsigned id;
    NvtxFunctionPointer function; /* NULL ends a list */
};

extern const struct gp_nvtx_handler gp_nvtx_core[];
extern const struct gp_nvtx_handler gp_nvtx_core2[];

#endif
