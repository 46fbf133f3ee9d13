/*
 * CUDA graphs: what the program captures into one, makes of it and launches. What is submitted to a
 * stream that is being captured is not done; memory that is allocated in it is a node of the graph,
 * given out by each launch. The runtime is asked whether a stream is being captured only while some
 * capture is open, so that a program without graphs pays for a look at one number.
 *
 * All at depth 1, in the calling thread.
 */
#ifndef GRAPHPROF_CUDA_GRAPHS_H
#define GRAPHPROF_CUDA_GRAPHS_H

#include <stdbool.h>
#include <stdint.h>

#include "api_table.h"

/* Whether the program has a capture open, in any thread: the recorder then asks the runtime nothing
   that a capture could be spoilt by. */
bool gp_cuda_graphs_capturing(void);

/* After the call. `into`: a graph that is there already grows. */
void gp_cuda_graphs_begun(enum gp_api api, const void *stream, bool into);
/* After the call; `graph` NULL: it failed, and the capture may have ended all the same. */
void gp_cuda_graphs_ended(enum gp_api api, const void *stream, const void *graph);

/* A successful allocation in the stream is a node of a graph, and is recorded as that: true. */
bool gp_cuda_graphs_take_alloc(enum gp_api api, uint8_t device, const void *address, uint64_t bytes,
                               const void *stream);
/* A free that is about to be called. */
bool gp_cuda_graphs_take_free(enum gp_api api, const void *address, const void *stream);
/* The same of the driver's functions, by their numbers (gp_driver_number), for who calls them
   himself: a library, in a call that is captured. bytes 0: a free. */
bool gp_cuda_graphs_take_driver(uint16_t number, uint8_t device, uint64_t address, uint64_t bytes,
                                const void *stream);
/* A node that the program made itself; bytes 0: a free. */
void gp_cuda_graphs_memory(enum gp_api api, const void *graph, const void *address, uint64_t bytes);

void gp_cuda_graphs_created(const void *graph);
void gp_cuda_graphs_instantiated(const void *graph, const void *exec, uint64_t flags);
/* After the call; in a stream that is being captured it makes a node that holds the graph. */
void gp_cuda_graphs_launched(enum gp_api api, const void *exec, const void *stream);
/* Before the call. */
void gp_cuda_graphs_exec_ends(const void *exec);
void gp_cuda_graphs_graph_ends(const void *graph);

#endif
