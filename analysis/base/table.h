/* Hash tables are uthash's; this is what it lacks. */
#ifndef ANALYSIS_BASE_TABLE_H
#define ANALYSIS_BASE_TABLE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Eight bytes at a time; keys are numbers or short names. */
static inline unsigned table_hash(const void *key, size_t bytes)
{
    const unsigned char *at = key;
    uint64_t hash = bytes;
    uint64_t word;
    for (; bytes >= sizeof word; bytes -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    for (; bytes; bytes--)
        hash = (hash ^ *at++) * 0x9e3779b97f4a7c15u;
    return (unsigned)(hash ^ hash >> 32);
}
#define HASH_FUNCTION(key, bytes, hash) ((hash) = table_hash(key, bytes))

#include "uthash.h"

/* Frees every entry (of `type`, linked by `hh`) and leaves the table empty. */
#define TABLE_FREE(type, head)                                                                     \
    do {                                                                                           \
        type *entry_ = (head);                                                                     \
        HASH_CLEAR(hh, head);                                                                      \
        while (entry_) {                                                                           \
            type *next_ = entry_->hh.next;                                                         \
            free(entry_);                                                                          \
            entry_ = next_;                                                                        \
        }                                                                                          \
    } while (0)

#endif
