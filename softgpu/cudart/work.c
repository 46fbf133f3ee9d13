/* Who is told of each piece of work and of memory: libcupti, once it is subscribed to. */
#include "capture.h"
#include "memory.h"
#include "tell.h"
#include "work.h"

#include <stdatomic.h>

static const struct softgpu_listener *_Atomic listener;

/* Pieces of work that are open in the thread, since there was a listener. */
static _Thread_local unsigned depth;

void __cudaSoftgpuListen(const struct softgpu_listener *asked)
{
    atomic_store_explicit(&listener, asked, memory_order_release);
}

/* A library's: what it does cannot be captured. */
void __cudaSoftgpuBegin(struct softgpu_work *work)
{
    if (depth == 0)
        sg_capture_refuses_library(work->name);
    sg_work_begin(work);
}

void __cudaSoftgpuEnd(struct softgpu_work *work) { sg_work_end(work); }

void sg_work_begin(struct softgpu_work *work)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    if (depth++ == 0 && to)
        to->begin(work);
}

/* What began before there was a listener has no number. */
void sg_work_end(struct softgpu_work *work)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    if (--depth == 0 && to && work->correlation)
        to->end(work);
}

uint32_t sg_work_launch(void)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    struct softgpu_work launch = {.kind = SOFTGPU_GRAPH, .name = "graph"};
    if (to)
        to->begin(&launch);
    return launch.correlation;
}

void sg_work_captured(const struct softgpu_work *work, const struct softgpu_node *node)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    if (to)
        to->captured(work, node);
}

void sg_work_cloned(const struct softgpu_node *node)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    if (to)
        to->cloned(node);
}

void sg_memory_begin(struct softgpu_memory *memory)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    if (to)
        to->memory_begin(memory);
}

void sg_memory_end(struct softgpu_memory *memory)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    if (to)
        to->memory_end(memory);
}
