/*
 * Long runs (GRAPHPROF_STEPS=auto): from some step on each step is written whole and judged when it
 * is over, which is when the next one begins. It stays whole if it is one of those chosen
 * (step_filter.h) or like none before: in the sequence, functions or sizes of its allocations and
 * frees, or by a higher peak. Else it is taken back, to one REPEAT record if it did to the ledger
 * exactly what an earlier step did, or to its allocations, frees and own range if not.
 *
 * Taking back needs every record of the step to be there, its range to lie in it, and no other step
 * to be open: else it stays whole, and where that recurs steps are chosen before they begin, as
 * step_filter.h alone can. A killed program leaves the capture right at each moment.
 */
#ifndef GRAPHPROF_STEP_FOLD_H
#define GRAPHPROF_STEP_FOLD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Step number `step` is about to begin in the calling thread, nothing of it is written: judges the
 * step before. `chosen`: the step that begins stays whole. True if it will be judged, so that it is
 * to be recorded in detail. Any thread, at depth 1.
 */
bool gp_step_fold_next(uint64_t step, bool chosen);

#endif
