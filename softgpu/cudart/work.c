/* Who is told of each piece of work and of memory: libcupti, once it is subscribed to. */
#include "memory.h"
#include "work.h"

#include <stdatomic.h>

static const struct softgpu_listener *_Atomic listener;

/* Pieces of work that are open in the thread, since there was a listener. */
static _Thread_local unsigned depth;

void __cudaSoftgpuListen(const struct softgpu_listener *asked)
{
    atomic_store_explicit(&listener, asked, memory_order_release);
}

void __cudaSoftgpuBegin(struct softgpu_work *work)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    if (depth++ == 0 && to)
        to->begin(work);
}

/* What began before there was a listener has no number. */
void __cudaSoftgpuEnd(struct softgpu_work *work)
{
    const struct softgpu_listener *to = atomic_load_explicit(&listener, memory_order_acquire);
    if (--depth == 0 && to && work->correlation)
        to->end(work);
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
