#include "graph_memory.h"

#include <stdint.h>
#include <stdlib.h>

#include "current_device.h"
#include "error.h"
#include "heap.h"
#include "memory.h"

static LIST_HEAD(memory_list, sg_graph_memory) all = LIST_HEAD_INITIALIZER(all);
/* By device. */
static struct {
    size_t used, used_high, reserved, reserved_high;
} books[SG_DEVICES_MAX];

/* In these sg_lock is held. */

static void raise_to(size_t *high, size_t now)
{
    if (*high < now)
        *high = now;
}

static void discharge(struct sg_graph_memory *memory)
{
    if (!memory->charged)
        return;
    memory->charged = false;
    books[memory->device].reserved -= memory->bytes;
    sg_discharge(memory->device, memory->bytes);
}

static void end_if_unused(struct sg_graph_memory *memory)
{
    if (memory->holders || memory->live)
        return;
    discharge(memory);
    sg_heap_give(memory->base, memory->bytes);
    LIST_REMOVE(memory, others);
    free(memory);
}

void sg_graph_memory_freed(struct sg_graph_memory *memory)
{
    memory->live = false;
    books[memory->device].used -= memory->bytes;
    end_if_unused(memory);
}

/* From here on it is not. */

struct sg_graph_memory *sg_graph_memory_new(size_t bytes)
{
    struct sg_graph_memory *const memory = malloc(sizeof *memory);
    if (!memory)
        return NULL;
    pthread_mutex_lock(&sg_lock);
    *memory = (struct sg_graph_memory){
        .base = sg_heap_take(bytes), .bytes = bytes, .device = sg_device(), .holders = 1};
    if (memory->base)
        LIST_INSERT_HEAD(&all, memory, others);
    pthread_mutex_unlock(&sg_lock);
    if (memory->base)
        return memory;
    free(memory);
    return NULL;
}

void sg_graph_memory_hold(struct sg_graph_memory *memory)
{
    pthread_mutex_lock(&sg_lock);
    memory->holders++;
    pthread_mutex_unlock(&sg_lock);
}

void sg_graph_memory_drop(struct sg_graph_memory *memory)
{
    pthread_mutex_lock(&sg_lock);
    memory->holders--;
    end_if_unused(memory);
    pthread_mutex_unlock(&sg_lock);
}

bool sg_graph_memory_begins_at(const void *address)
{
    bool found = false;
    const struct sg_graph_memory *memory;
    pthread_mutex_lock(&sg_lock);
    LIST_FOREACH(memory, &all, others)
    found |= memory->base == address;
    pthread_mutex_unlock(&sg_lock);
    return found;
}

bool sg_graph_memory_charge(struct sg_graph_memory *memory)
{
    pthread_mutex_lock(&sg_lock);
    if (!memory->charged && sg_charge(memory->device, memory->bytes)) {
        memory->charged = true;
        books[memory->device].reserved += memory->bytes;
        raise_to(&books[memory->device].reserved_high, books[memory->device].reserved);
    }
    const bool charged = memory->charged;
    pthread_mutex_unlock(&sg_lock);
    return charged;
}

bool sg_graph_memory_give_out(struct sg_graph_memory *memory)
{
    pthread_mutex_lock(&sg_lock);
    memory->live = sg_memory_enter(memory);
    if (memory->live) {
        books[memory->device].used += memory->bytes;
        raise_to(&books[memory->device].used_high, books[memory->device].used);
    }
    pthread_mutex_unlock(&sg_lock);
    return memory->live;
}

cudaError_t cudaDeviceGraphMemTrim(int device)
{
    SG_ENTER();
    if (!sg_device_valid(device))
        return sg_return(cudaErrorInvalidDevice);
    struct sg_graph_memory *memory;
    pthread_mutex_lock(&sg_lock);
    LIST_FOREACH(memory, &all, others)
    if (!memory->live && memory->device == device)
        discharge(memory);
    pthread_mutex_unlock(&sg_lock);
    return cudaSuccess;
}

cudaError_t cudaDeviceGetGraphMemAttribute(int device, enum cudaGraphMemAttributeType attribute,
                                           void *value)
{
    SG_ENTER();
    if (!sg_device_valid(device))
        return sg_return(cudaErrorInvalidDevice);
    const size_t *const values[] = {&books[device].used, &books[device].used_high,
                                    &books[device].reserved, &books[device].reserved_high};
    if (!value || (unsigned)attribute > cudaGraphMemAttrReservedMemHigh)
        return sg_return(cudaErrorInvalidValue);
    pthread_mutex_lock(&sg_lock);
    *(uint64_t *)value = *values[attribute];
    pthread_mutex_unlock(&sg_lock);
    return cudaSuccess;
}
