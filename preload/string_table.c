#include "string_table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "emit.h"
#include "graphprof/capture_format.h"

#define SLOTS 65536u /* a power of 2, a third more than the names, so that a probe ends soon */

#define TEXT_BYTES                                                                                 \
    (8u << 20) /* of the names kept, on average 170 bytes each; touched as it fills */

/* `id` is stored last: not 0, the rest is there. `bytes` is the table's own copy: those in the
   capture may be moved (step_fold.h), and their pages are let go. */
struct slot {
    _Atomic uint32_t id;
    uint32_t hash;
    uint32_t length;
    const char *bytes;
};

static struct slot slots[SLOTS];
static char *copies;
static size_t copied;
static uint32_t kept;
static uint32_t last_id;
static pthread_mutex_t inserting = PTHREAD_MUTEX_INITIALIZER;

/* FNV-1a over 64 bits, folded. */
static uint32_t hash_of(const char *bytes, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot that holds the text, or the empty one where it belongs. */
static struct slot *find(const char *bytes, uint32_t length, uint32_t hash, uint32_t *id)
{
    for (uint32_t i = hash;; i++) {
        struct slot *slot = &slots[i % SLOTS];
        *id = atomic_load_explicit(&slot->id, memory_order_acquire);
        if (*id == 0 || (slot->hash == hash && slot->length == length &&
                         memcmp(slot->bytes, bytes, length) == 0))
            return slot;
    }
}

/* A copy that stays; NULL if there is no room. Under `inserting`. */
static const char *keep(const char *bytes, uint32_t length)
{
    if (!copies) {
        void *memory = mmap(NULL, TEXT_BYTES, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            return NULL;
        copies = memory;
    }
    if (kept == GP_STRINGS_MAX || length > TEXT_BYTES - copied)
        return NULL;
    char *copy = copies + copied;
    memcpy(copy, bytes, length);
    copied += length;
    kept++;
    return copy;
}

static uint32_t insert(const char *bytes, uint32_t length, uint32_t hash)
{
    uint32_t id;
    pthread_mutex_lock(&inserting);
    struct slot *slot = find(bytes, length, hash, &id);
    if (id == 0) {
        if (gp_emit_string(last_id + 1, bytes, length)) {
            id = ++last_id;
            const char *copy = keep(bytes, length);
            if (copy) {
                slot->hash = hash;
                slot->length = length;
                slot->bytes = copy;
                atomic_store_explicit(&slot->id, id, memory_order_release);
            }
        }
    }
    pthread_mutex_unlock(&inserting);
    return id;
}

uint32_t gp_string_bytes(const char *bytes, size_t length)
{
    /* A cut goes before a character, not through it (UTF-8). */
    if (length > GP_STRING_BYTES_MAX) {
        length = GP_STRING_BYTES_MAX;
        while (length > 0 && ((unsigned char)bytes[length] & 0xc0) == 0x80)
            length--;
    }
    const uint32_t hash = hash_of(bytes, length);
    uint32_t id;
    find(bytes, (uint32_t)length, hash, &id);
    return id ? id : insert(bytes, (uint32_t)length, hash);
}

uint32_t gp_string(const char *text)
{
    return text ? gp_string_bytes(text, strnlen(text, GP_STRING_BYTES_MAX + 1)) : 0;
}
