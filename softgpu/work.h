/*
 * How softgpu's libraries tell its libcupti what they do: each kernel, copy and fill is one piece
 * of work. Work inside other work (a library function that calls another) is part of it.
 *
 * libcudart keeps the listener; the other libraries find it there, and say nothing where a program
 * has no libcudart loaded.
 */
#ifndef SOFTGPU_WORK_H
#define SOFTGPU_WORK_H

#include <stddef.h>
#include <stdint.h>

enum softgpu_work_kind {
    SOFTGPU_KERNEL,
    SOFTGPU_COPY_TO_DEVICE,
    SOFTGPU_COPY_FROM_DEVICE,
    SOFTGPU_COPY_ON_DEVICE,
    SOFTGPU_COPY, /* in a direction that is not said */
    SOFTGPU_FILL
};

struct softgpu_work {
    enum softgpu_work_kind kind;
    const char *name; /* of a kernel */
    uint64_t bytes;   /* of a copy or a fill */
    /* The listener's. */
    uint32_t correlation;
    uint64_t start_ns;
};

struct softgpu_listener {
    void (*begin)(struct softgpu_work *work); /* in the caller's thread */
    void (*end)(const struct softgpu_work *work);
};

/* The one listener, for good. */
void __cudaSoftgpuListen(const struct softgpu_listener *listener);

void __cudaSoftgpuBegin(struct softgpu_work *work) __attribute__((weak));
void __cudaSoftgpuEnd(struct softgpu_work *work) __attribute__((weak));

static inline struct softgpu_work softgpu_work_begin(enum softgpu_work_kind kind, const char *name,
                                                     uint64_t bytes)
{
    struct softgpu_work work = {kind, name, bytes, 0, 0};
    if (__cudaSoftgpuBegin)
        __cudaSoftgpuBegin(&work);
    return work;
}

static inline void softgpu_work_end(struct softgpu_work *work)
{
    if (__cudaSoftgpuEnd)
        __cudaSoftgpuEnd(work);
}

/* The rest of the block is one kernel with that name, a string that stays; with the function's. */
#define SOFTGPU_WORK_NAMED(name)                                                                   \
    struct softgpu_work softgpu_work_ __attribute__((cleanup(softgpu_work_end), unused)) =         \
        softgpu_work_begin(SOFTGPU_KERNEL, name, 0)
#define SOFTGPU_WORK() SOFTGPU_WORK_NAMED(__func__)

#endif
