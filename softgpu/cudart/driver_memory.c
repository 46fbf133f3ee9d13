/* What the driver's stand-in asks of the device's memory (work.h). */
#include "memory.h"
#include "work.h"

#define DEVICE 0 /* the only one that the driver has */

bool __cudaSoftgpuCharge(size_t bytes)
{
    pthread_mutex_lock(&sg_lock);
    const bool room = sg_charge(DEVICE, bytes);
    pthread_mutex_unlock(&sg_lock);
    return room;
}

void __cudaSoftgpuDischarge(size_t bytes)
{
    pthread_mutex_lock(&sg_lock);
    sg_discharge(DEVICE, bytes);
    pthread_mutex_unlock(&sg_lock);
}

bool __cudaSoftgpuMap(void *address, size_t bytes) { return sg_memory_map(address, bytes); }

void __cudaSoftgpuUnmap(void *address) { sg_memory_unmap(address); }

void __cudaSoftgpuTell(struct softgpu_memory *memory, bool ends)
{
    if (ends)
        sg_memory_end(memory);
    else
        sg_memory_begin(memory);
}
