/* The runtime's own words to who listens (work.h). */
#ifndef SOFTGPU_CUDART_TELL_H
#define SOFTGPU_CUDART_TELL_H

#include "work.h"

/* Work of the runtime's own, as against a library's, begins and ends. */
void sg_work_begin(struct softgpu_work *work);
void sg_work_end(struct softgpu_work *work);

/* A graph is launched: the number that its nodes' work bears, 0 if nobody listens. */
uint32_t sg_work_launch(void);

void sg_work_captured(const struct softgpu_work *work, const struct softgpu_node *node);
void sg_work_cloned(const struct softgpu_node *node);

#endif
