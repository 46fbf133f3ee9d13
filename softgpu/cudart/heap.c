#include "heap.h"
#include "options.h"

#include <stdlib.h>
#include <sys/mman.h>

#define SMALL_BYTES ((size_t)256 << 10) /* up to here malloc's own arenas do */
#define HUGE_PAGE   ((size_t)2 << 20)
#define SLAB        (16 * HUGE_PAGE)

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

/* `bytes` of address space from the start of a huge page on, so that touching it costs few page
 * faults. */
static char *map_huge(size_t bytes)
{
    char *const region = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED)
        return NULL;
    const size_t before = (HUGE_PAGE - (size_t)region % HUGE_PAGE) % HUGE_PAGE;
    if (before)
        munmap(region, before);
    munmap(region + before + bytes, HUGE_PAGE - before);
    madvise(region + before, bytes, MADV_HUGEPAGE);
    return region + before;
}

/* Blocks smaller than some huge pages lie side by side in slabs, or they would have none. A slab's
 * rest that is too short for a block is address space in vain: it was never touched. */
static void *carve(size_t bytes)
{
    static char *rest;
    static size_t rest_bytes;
    if (rest_bytes < bytes) {
        char *const slab = map_huge(SLAB);
        if (slab == NULL)
            return NULL;
        if (rest_bytes)
            munmap(rest, rest_bytes);
        rest = slab;
        rest_bytes = SLAB;
    }
    void *const block = rest;
    rest += bytes;
    rest_bytes -= bytes;
    return block;
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
    void *const fresh = class_bytes < SLAB / 8 ? carve(class_bytes) : map_huge(class_bytes);
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
