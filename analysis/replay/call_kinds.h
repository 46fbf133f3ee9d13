/* What the names of calls say, where there are no ranges that do. */
#ifndef ANALYSIS_REPLAY_CALL_KINDS_H
#define ANALYSIS_REPLAY_CALL_KINDS_H

#include "capture/facts.h"
#include "replay/nodes.h"

/* True for the classes that make nodes: launches and calls that compute. */
static inline bool call_computes(const struct fact_api *api)
{
    return api->known && (api->class_id == GP_CLASS_LAUNCH || api->class_id == GP_CLASS_COMPUTE);
}

/* What the function's or, of a launch, the kernel's name says: words such as Forward, and of a
   kernel also those that optimizers are called by (adam, sgd, update...). */
enum gtype call_gtype_by_name(const struct facts *facts, const struct gp_record_call *call);

#endif
