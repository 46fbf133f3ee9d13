/* Of a captured graph: made ready, launched by four steps, and given back. Ends the program if one
 * of the calls fails. */
#ifndef TESTS_INTEGRATION_LAUNCH_STEPS_H
#define TESTS_INTEGRATION_LAUNCH_STEPS_H

#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <stdlib.h>

static void check(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}
/* A call of the runtime's or the driver's: both have 0 for success. */
#define DONE(call) check((call) == 0, #call)

static void launch_steps(cudaGraph_t graph, cudaStream_t stream)
{
    cudaGraphExec_t exec;
    DONE(cudaGraphInstantiate(&exec, graph, 0));
    DONE(cudaGraphDestroy(graph));
    for (int step = 0; step < 4; step++) {
        nvtxRangePushA("step");
        DONE(cudaGraphLaunch(exec, stream));
        DONE(cudaStreamSynchronize(stream));
        nvtxRangePop();
    }
    DONE(cudaGraphExecDestroy(exec));
}

#endif
