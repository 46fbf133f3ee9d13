/*
 * Host memory behind device addresses. Large blocks that are given back are kept and handed out
 * again: a training step makes the same tensors each time, and pages that are mapped anew cost a
 * page fault each. The capacity of the device is not kept here (see memory.h).
 *
 * Callers hold sg_lock.
 */
#ifndef SOFTGPU_CUDART_HEAP_H
#define SOFTGPU_CUDART_HEAP_H

#include <stddef.h>

#define SG_HEAP_ALIGN 512u /* every block's alignment; CUDA promises 256 and gives 512 */

/* NULL if the host has no memory. The contents are whatever was there. */
void *sg_heap_take(size_t bytes);

/* `bytes` as it was taken. */
void sg_heap_give(void *block, size_t bytes);

#endif
