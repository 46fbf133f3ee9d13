#include "heap.h"
#include "options.h"

#include <stdlib.h>
#include <sys/mman.h>

#define SMALL_BYTES ((size_t)256 << 10) /* up to here malloc's own arenas do */
#define HUGE_PAGE   ((size_t)2 << 20)

/* Sizes are rounded up to one of 8 classes an octave: at most an eighth is address space in vain,
 * and untouched pages are not memory. */
#define CLASSES_PER_OCTAVE 8u
#define CLASS_COUNT        (64u * CLASSES_PER_OCTAVE)

struct cached {
    struct cached *next;
};
static struct cached *cache[CLASS_COUNT];
static size_t mapped_bytes; /* taken and cached */

static unsigned class_of(size_t bytes, size_t *class_bytes)
{
    const unsigned octave = 63u - (unsigned)__builtin_clzl(bytes - 1);
    const size_t step = ((size_t)1 << octave) / CLASSES_PER_OCTAVE;
    const size_t steps = (bytes - ((size_t)1 << octave) + step - 1) / step;
    *class_bytes = ((size_t)1 << octave) + steps * step;
    return octave * CLASSES_PER_OCTAVE + (unsigned)steps - 1;
}

/* Unmaps cached blocks, the largest first, until `bytes` more fit into what the devices may
 * hold. */
static void make_room(size_t bytes)
{
    const size_t capacity = sg_options()->memory_bytes * (size_t)sg_options()->devices;
    const size_t limit = capacity + capacity / 8;
    for (unsigned class = CLASS_COUNT; class -- > 0 && mapped_bytes + bytes > limit;) {
        const unsigned octave = class / CLASSES_PER_OCTAVE;
        const size_t class_bytes = ((size_t)1 << octave) + ((size_t)1 << octave) /
                                                               CLASSES_PER_OCTAVE *
                                                               (class % CLASSES_PER_OCTAVE + 1);
        while (cache[class] && mapped_bytes + bytes > limit) {
            struct cached *block = cache[class];
            cache[class] = block->next;
            munmap(block, class_bytes);
            mapped_bytes -= class_bytes;
        }
    }
}

/* Large blocks start on a huge page, so that a new one costs few page faults. */
static void *map(size_t bytes)
{
    const size_t slack = bytes >= 2 * HUGE_PAGE ? HUGE_PAGE : 0;
    char *const region = mmap(NULL, bytes + slack, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED)
        return NULL;
    if (!slack)
        return region;
    const size_t before = (HUGE_PAGE - (size_t)region % HUGE_PAGE) % HUGE_PAGE;
    if (before)
        munmap(region, before);
    if (slack - before)
        munmap(region + before + bytes, slack - before);
    madvise(region + before, bytes, MADV_HUGEPAGE);
    return region + before;
}

void *sg_heap_take(size_t bytes)
{
    if (bytes <= SMALL_BYTES)
        return aligned_alloc(SG_HEAP_ALIGN,
                             (bytes + SG_HEAP_ALIGN - 1) / SG_HEAP_ALIGN * SG_HEAP_ALIGN);
    if (bytes > (size_t)1 << 46) /* no address space for it; keeps the sums from wrapping */
        return NULL;
    size_t class_bytes;
    const unsigned class = class_of(bytes, &class_bytes);
    struct cached *const block = cache[class];
    if (block) {
        cache[class] = block->next;
        return block;
    }
    make_room(class_bytes);
    void *const fresh = map(class_bytes);
    if (fresh)
        mapped_bytes += class_bytes;
    return fresh;
}

void sg_heap_give(void *memory, size_t bytes)
{
    if (bytes <= SMALL_BYTES) {
        free(memory);
        return;
    }
    size_t class_bytes;
    struct cached *const block = memory;
    const unsigned class = class_of(bytes, &class_bytes);
    block->next = cache[class];
    cache[class] = block;
}
