/*
 * Built into two libraries (PREFIX is one or two): each has its own inline copy of NVTX, as two
 * libraries of one process have.
 */
#include <nvtx3/nvToolsExt.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

void JOIN(PREFIX, _push)(const char *name);
void JOIN(PREFIX, _pop)(void);
void JOIN(PREFIX, _mark)(const char *name);

void JOIN(PREFIX, _push)(const char *name) { nvtxRangePushA(name); }
void JOIN(PREFIX, _pop)(void) { nvtxRangePop(); }
void JOIN(PREFIX, _mark)(const char *name) { nvtxMarkA(name); }
