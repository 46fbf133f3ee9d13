/*
 * How softgpu's libraries tell its libcupti what they do, and take memory: each kernel, copy and
 * fill is one piece of work. Work inside other work (a library function that calls another) is part
 * of it.
 *
 * libcudart keeps the listener; the other libraries find it there, and say nothing where a program
 * has no libcudart loaded.
 */
#ifndef SOFTGPU_WORK_H
#define SOFTGPU_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum softgpu_work_kind {
    SOFTGPU_KERNEL,
    SOFTGPU_COPY_TO_DEVICE,
    SOFTGPU_COPY_FROM_DEVICE,
    SOFTGPU_COPY_ON_DEVICE,
    SOFTGPU_COPY, /* in a direction that is not said */
    SOFTGPU_FILL,
    SOFTGPU_GRAPH /* the launch of a graph, whose nodes are work of their own */
};

/* Which node of which launch of a graph a piece of work is; all 0: it is in no graph. */
struct softgpu_part {
    uint64_t node;        /* its id */
    uint32_t correlation; /* of the launch */
};

struct softgpu_work {
    enum softgpu_work_kind kind;
    const char *name; /* of a kernel */
    uint64_t bytes;   /* of a copy or a fill */
    uint64_t node;    /* of a graph: its id */
    /* The listener's, which takes the launch's number where there is one already. */
    uint32_t correlation;
    uint64_t start_ns;
};

/* Device memory is given out, or taken back: with stream-ordered memory its own functions do that.
 */
enum softgpu_memory_kind {
    SOFTGPU_TAKE,
    SOFTGPU_TAKE_MANAGED,
    SOFTGPU_TAKE_ORDERED,
    SOFTGPU_TAKE_HOST, /* pinned */
    SOFTGPU_GIVE,
    SOFTGPU_GIVE_ORDERED,
    SOFTGPU_GIVE_HOST,
    /* The driver's alone: physical memory by its handle, and where it is mapped. */
    SOFTGPU_CREATE,
    SOFTGPU_RELEASE,
    SOFTGPU_RETAIN,
    SOFTGPU_MAP,
    SOFTGPU_UNMAP
};

struct softgpu_memory {
    enum softgpu_memory_kind kind;
    uint64_t address; /* once it is given out */
    uint64_t bytes;
    int device; /* where it is given out */
    bool failed;
    uint64_t handle;    /* of physical memory */
    const void *stream; /* that captures it into a graph: it is not given out or back now */
};

/* A node of a graph (cudaGraphNode_t) is made; of an original, if that is not NULL. */
struct softgpu_node {
    const void *graph, *node;
    const void *original_graph, *original;
    int type; /* enum cudaGraphNodeType, as the driver numbers them too */
};

/* All in the caller's thread. */
struct softgpu_listener {
    void (*begin)(struct softgpu_work *work);
    void (*end)(const struct softgpu_work *work);
    /* The call that would submit `work` is captured instead: a node is made in it. */
    void (*captured)(const struct softgpu_work *work, const struct softgpu_node *node);
    void (*cloned)(const struct softgpu_node *node);
    void (*memory_begin)(struct softgpu_memory *memory);
    void (*memory_end)(struct softgpu_memory *memory);
};

/* The one listener, for good. */
void __cudaSoftgpuListen(const struct softgpu_listener *listener);

/* Device memory that a library takes for itself, as the vendor's do with a handle; NULL if there is
   none. The program's n-th allocation (SOFTGPU_FAIL_ALLOC) is another. */
void *__cudaSoftgpuTake(size_t bytes) __attribute__((weak));
void __cudaSoftgpuGive(void *memory) __attribute__((weak));

/* For the driver's stand-in (driver/): bytes of the device's capacity for physical memory (false:
   no room); a range that is mapped, which the device then reaches as any other (false: something
   lies there); what is done, told to the listener before and after. */
bool __cudaSoftgpuCharge(size_t bytes);
void __cudaSoftgpuDischarge(size_t bytes);
bool __cudaSoftgpuMap(void *address, size_t bytes);
void __cudaSoftgpuUnmap(void *address);
void __cudaSoftgpuTell(struct softgpu_memory *memory, bool ends);

static inline bool softgpu_take(size_t bytes, void **memory)
{
    *memory = __cudaSoftgpuTake ? __cudaSoftgpuTake(bytes) : NULL;
    return *memory || !__cudaSoftgpuTake;
}
static inline void softgpu_give(void *memory)
{
    if (memory && __cudaSoftgpuGive)
        __cudaSoftgpuGive(memory);
}

/* The id of a node, which is unique in the process. */
uint64_t __cudaSoftgpuNodeId(const void *node);

void __cudaSoftgpuBegin(struct softgpu_work *work) __attribute__((weak));
void __cudaSoftgpuEnd(struct softgpu_work *work) __attribute__((weak));

static inline struct softgpu_work softgpu_work_begin(enum softgpu_work_kind kind, const char *name,
                                                     uint64_t bytes)
{
    struct softgpu_work work = {kind, name, bytes, 0, 0, 0};
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
