/* Who subscribed, and which of the driver's functions it wants to hear of. */
#ifndef SOFTGPU_CUPTI_SUBSCRIBER_H
#define SOFTGPU_CUPTI_SUBSCRIBER_H

#include <cupti.h>

#include "work.h"

/* The call that submits `work` begins: tells the subscriber, in the caller's thread. `made`: the
   call is captured, and makes that node of a graph; NULL: it is not. */
void subscriber_tell(const struct softgpu_work *work, const struct softgpu_node *made);

/* A node of a graph is made, or is a clone of another. */
void subscriber_tell_node(const struct softgpu_node *node);

/* The same for memory: the call begins, or ends. */
void subscriber_tell_memory(struct softgpu_memory *memory, bool ends);

#endif
