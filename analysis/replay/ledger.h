/*
 * The live allocations by address. All spaces share one ledger (CUDA's addresses are unified); an
 * allocation bears its device.
 *
 * Training gives out the same addresses step after step, so an address keeps its place in the
 * order when what lived there is freed: entering and leaving are then one look into a hash table
 * and one bit. Places lie in blocks of up to 64 in order of address, under a sorted list of the
 * blocks' first ones, which finds the allocation that holds an address inside it. Dead places are
 * dropped when they outnumber the live by some thousands, so that memory is bounded by what is
 * live.
 */
#ifndef ANALYSIS_REPLAY_LEDGER_H
#define ANALYSIS_REPLAY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When in the program's run something took place. */
enum when {
    WHEN_BEFORE,    /* before the first step */
    WHEN_BETWEEN,   /* in a gap between steps, or behind the last */
    WHEN_STEP,      /* in a step that was recorded in detail */
    WHEN_UNDETAILED /* in a step that was not: its ranges are not known */
};

/* A moment as the ledger keeps it. Gap g lies before step g. */
struct moment {
    uint32_t node;   /* innermost at that time */
    uint32_t period; /* 2 * step + 1 inside a step, 2 * gap in a gap: the same for the same place */
    uint64_t serial; /* of the innermost range: tells calls of a node apart; 0 outside any */
};

struct ledger_place;
struct physical;

struct allocation {
    uint64_t address;
    uint64_t bytes;
    uint16_t api;
    uint8_t device;
    uint8_t space;    /* enum gp_space */
    uint8_t when;     /* enum when, of its making */
    bool library;     /* a library took it for itself */
    bool is_segment;  /* it is reserve: in replay's other ledger */
    bool in_segment;  /* a block of a segment */
    bool of_launch;   /* a block that the launch of a graph uses, as its capture did */
    bool is_freed;    /* and `freed` says when; false for what is lost or live at the end */
    uint32_t ordinal; /* among the allocations of its node in its period */
    struct moment made;
    struct moment freed;        /* or, at the end of the capture, that moment */
    struct ledger_place *place; /* while it is in the ledger */
    struct physical *physical;  /* of physical memory (physical.h), else NULL */
    struct allocation *next_spare;
    uint64_t payload[]; /* of the pass that replays */
};

struct ledger_block;
struct ledger_slot;

struct ledger {
    struct ledger_block **blocks;
    uint64_t *firsts; /* [n_blocks] the first address of each block */
    size_t n_blocks;
    size_t capacity;
    size_t firsts_capacity;
    struct ledger_slot *table; /* places by address: open addressing, 2^table_bits slots */
    unsigned table_bits;
    size_t n_places; /* live and dead */
    size_t n_live;
    size_t payload_bytes;
    struct allocation *spare;
    void **slabs;
    size_t n_slabs;
    size_t slabs_capacity;
};

/* `payload_bytes` are zero in a new allocation. */
void ledger_init(struct ledger *ledger, size_t payload_bytes);
void ledger_free(struct ledger *ledger);

/* A zeroed allocation that is in no ledger yet; ledger_drop gives it back. */
struct allocation *ledger_make(struct ledger *ledger);
void ledger_drop(struct ledger *ledger, struct allocation *allocation);
void ledger_free_slabs(struct ledger *ledger); /* called by ledger_free */

/* No allocation of the ledger may have that address. */
void ledger_insert(struct ledger *ledger, struct allocation *allocation);
void ledger_remove(struct ledger *ledger, struct allocation *allocation);

/* The allocation that begins at the address, or NULL. */
struct allocation *ledger_at(const struct ledger *ledger, uint64_t address);

/* The allocation that holds the address, or NULL. Arrays and physical memory that is mapped
 * nowhere are handles and have no inside. */
struct allocation *ledger_holding(const struct ledger *ledger, uint64_t address);

/* The allocation with the lowest address that is at least `address`, or NULL. */
struct allocation *ledger_from(const struct ledger *ledger, uint64_t address);

/* A live allocation that a new one would overlap, or NULL. */
struct allocation *ledger_overlapped(const struct ledger *ledger, uint64_t address, uint64_t bytes,
                                     uint8_t space);

/* Calls `each`, which may change nothing of the ledger, for all in order of address. */
void ledger_each(const struct ledger *ledger,
                 void (*each)(void *context, struct allocation *allocation), void *context);

/* The one behind a live allocation in order of address, or NULL. */
struct allocation *ledger_next(const struct allocation *allocation);

#endif
