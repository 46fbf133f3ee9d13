/*
 * The nodes of CUDA graphs, as CUPTI numbers them: a piece of work that a launch does says in its
 * record which node it is. A node is made in the call that is captured, in the calling thread and
 * so inside its open ranges; an executable graph has copies of them, with numbers of their own.
 * Both are told at any time, since a graph is made long before it is launched in a step that is
 * timed.
 */
#ifndef GRAPHPROF_CUPTI_GRAPHS_H
#define GRAPHPROF_CUPTI_GRAPHS_H

#include <cupti.h>

#include <stdint.h>

/* From here on. */
void gp_cupti_graphs_start(CUpti_SubscriberHandle subscriber);

/* A callback of the resource domain. `submitting`: the number of the call that submits work in
   which the thread is, 0: none; it is captured then. */
void gp_cupti_graphs_take(CUpti_CallbackId id, const CUpti_ResourceData *data, uint32_t submitting);

#endif
