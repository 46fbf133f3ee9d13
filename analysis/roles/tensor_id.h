/* Where an allocation is made in a step: the same for those that recur at the same place. */
#ifndef ANALYSIS_ROLES_TENSOR_ID_H
#define ANALYSIS_ROLES_TENSOR_ID_H

#include <stdint.h>

#include "replay/ledger.h"

struct tensor_id {
    uint64_t bytes;
    uint32_t node;
    uint32_t ordinal; /* among the node's allocations in a step */
    uint32_t device;
    uint32_t when; /* enum when */
};

static inline struct tensor_id tensor_id_of(const struct allocation *allocation)
{
    return (struct tensor_id){.bytes = allocation->bytes,
                              .node = allocation->made.node,
                              .ordinal = allocation->ordinal,
                              .device = allocation->device,
                              .when = allocation->when};
}

#endif
