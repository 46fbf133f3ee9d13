/*
 * Ranges by name with the numbers left out ("batch 12" and "batch 13" are one), to find the
 * outermost range that repeats where no name says that it is a step.
 */
#ifndef ANALYSIS_REPLAY_STEP_REPEATS_H
#define ANALYSIS_REPLAY_STEP_REPEATS_H

#include "capture/facts.h"

struct step_repeat;

/* Counts a range that has ended: its name (string id), how many were open around it, its time. */
void step_repeats_add(struct step_repeat **repeats, const struct facts *facts, uint32_t name,
                      size_t depth, uint64_t ns);

/*
 * The name of the range that occurs at least twice and least deep, of several the one that took
 * most time; with # for numbers. To be freed; NULL if none repeats.
 */
char *step_repeats_outermost(struct step_repeat *repeats);

/* True if the name is `repeated` when its numbers are replaced by #. */
bool step_repeats_same_name(const char *name, const char *repeated);

void step_repeats_free(struct step_repeat **repeats);

#endif
