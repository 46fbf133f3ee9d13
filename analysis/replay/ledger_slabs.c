/* Where allocations lie: in slabs, which are kept until the ledger is freed. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/ledger.h"

#define SLAB 256u

struct allocation *ledger_make(struct ledger *ledger)
{
    size_t bytes = sizeof(struct allocation) + ledger->payload_bytes;
    if (!ledger->spare) {
        char *slab = memory_zeroed(SLAB, bytes);
        ARRAY_RESERVE(ledger->slabs, ledger->slabs_capacity, ledger->n_slabs + 1);
        ledger->slabs[ledger->n_slabs++] = slab;
        for (size_t i = 0; i < SLAB; i++) {
            struct allocation *fresh = (void *)(slab + i * bytes);
            fresh->next_spare = ledger->spare;
            ledger->spare = fresh;
        }
    }
    struct allocation *allocation = ledger->spare;
    ledger->spare = allocation->next_spare;
    memset(allocation, 0, bytes);
    return allocation;
}

void ledger_drop(struct ledger *ledger, struct allocation *allocation)
{
    allocation->next_spare = ledger->spare;
    ledger->spare = allocation;
}

void ledger_free_slabs(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->n_slabs; i++)
        free(ledger->slabs[i]);
    free(ledger->slabs);
}
