/* Hash tables are uthash's; this is what it lacks. */
#ifndef ANALYSIS_BASE_TABLE_H
#define ANALYSIS_BASE_TABLE_H

#include <stdlib.h>

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
