#include "cuda_inject.h"

#include <errno.h>

#include "capture.h"
#include "depth.h"
#include "export.h"
#include "gpu_time.h"
#include "lifecycle.h"
#include "message.h"
#include "options.h"
#include "resolve.h"
#include "step_filter.h"

static const char *other_tool;

void gp_cuda_claim(const char *own_path)
{
    if (gp_step_filter_times_any())
        other_tool = gp_options_claim_cuda(own_path);
}

void gp_cuda_complain(void)
{
    if (other_tool)
        gp_message(
            "CUDA_INJECTION64_PATH is set to '%s' and left alone: calls of the driver are not "
            "seen from its start on",
            other_tool);
}

GP_EXPORT int InitializeInjection(void);

/* Inside cuInit, in whatever thread calls that: nothing here may call the driver back, other than
   CUPTI, which is made to be started here. */
int InitializeInjection(void)
{
    const int saved_errno = errno;
    gp_depth_enter();
    gp_lifecycle_start();
    if (gp_lifecycle_is_idle()) {
        int (*other)(void) = NULL;
        /* A function pointer and an object pointer are one size here (POSIX). */
        *(void **)&other = gp_resolve_in_other_copy("InitializeInjection");
        if (other)
            other();
    } else if (!gp_capture_is_over()) { /* in a silent child CUPTI stays the child's own */
        gp_gpu_time_injected();
    }
    gp_depth_leave();
    errno = saved_errno;
    return 1;
}
