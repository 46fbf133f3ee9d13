/*
 * Physical memory (cuMemCreate) and where it is mapped. It is one allocation from the call that
 * makes it until it has no handle and is mapped nowhere. While it is mapped it lies in the ledger
 * at the address of its first whole mapping, so that operands and the blocks of a caching allocator
 * are found in it; else it stands there under its handle, which has no inside. Addresses of further
 * mappings of the same handle lead nowhere.
 */
#ifndef ANALYSIS_REPLAY_PHYSICAL_H
#define ANALYSIS_REPLAY_PHYSICAL_H

#include <stdbool.h>
#include <stdint.h>

#include "graphprof/capture_format.h"
#include "replay/ledger.h"

struct physical;
struct mapping;

struct physical_memory {
    struct physical *by_handle;
    struct mapping *by_address;
};

/* Whose ledger it is. */
struct physical_owner {
    void *context;
    /* In which of the ledgers the allocation is. */
    struct ledger *(*ledger_of)(void *context, const struct allocation *allocation);
    /* Memory is about to lie there: what the ledgers hold there is to go. */
    void (*overlapped)(void *context, uint64_t address, uint64_t bytes);
    /* Nothing holds the allocation any more: it is to go. */
    void (*gone)(void *context, struct allocation *allocation);
};

/* The allocation with that handle, or NULL. */
struct allocation *physical_at(const struct physical_memory *memory, uint64_t handle);

/* An allocation of GP_SPACE_PHYSICAL is made; no other may have its handle. */
void physical_made(struct physical_memory *memory, struct allocation *allocation);

/* One of its handles is released. True: nothing holds it any more. */
bool physical_released(struct physical_memory *memory, struct allocation *allocation);

/* The release was refused; it is held as before. */
void physical_retained(struct allocation *allocation);

void physical_take_map(struct physical_memory *memory, const struct physical_owner *owner,
                       const struct gp_record_map *record);

/* The allocation has left its ledger: it and its mappings are forgotten, and its address is its
   handle again. Nothing for one that is no physical memory. */
void physical_forget(struct physical_memory *memory, struct allocation *allocation);

void physical_free(struct physical_memory *memory);

#endif
