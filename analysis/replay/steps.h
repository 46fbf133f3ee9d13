/*
 * Which ranges are training steps. A step is an outermost range whose name matches the patterns
 * (fnmatch, separated by commas); if the patterns are the default ones and match nothing, the
 * outermost range whose name repeats, numbers in it left out. That is not done where the record
 * was cut off: what repeats may then be part of its setup, with the first step still to come.
 * Where a call was named that steps are counted by, they are that alone (step_calls.h). Where no
 * range tells, the period of the calls does (step_period.h).
 * Steps do not overlap: they are those of the thread that began most of them.
 *
 * Medians are taken over the counted steps: complete, recorded in detail, not probed (unless no
 * others are left), and without the first of them if there are three or more, since it also
 * allocates what stays; no more than STEPS_COUNTED_MAX, evenly spread, so that memory is bounded.
 * Host times are taken from those of them whose work was not timed on the GPU, which slows a step
 * down; from all if every one was. The step's own time comes also from those that were recorded in
 * detail and then taken back (REPEAT records).
 */
#ifndef ANALYSIS_REPLAY_STEPS_H
#define ANALYSIS_REPLAY_STEPS_H

#include "capture/facts.h"
#include "replay/ranges.h"

#define STEPS_COUNTED_MAX 1000u

/* A step that no range marks lies between records: it begins and ends so many bytes behind the head
   of the record before (heads are 8 bytes apart at least), the end of one before the begin of the
   next. */
#define STEP_END_BEHIND   2u
#define STEP_BEGIN_BEHIND 4u

struct step {
    uint64_t begin_offset; /* of its PUSH or START in the capture */
    uint64_t end_offset;   /* of its POP or END; 0: none */
    uint64_t begin_ns;
    uint64_t end_ns;
    uint32_t thread;
    uint32_t instance; /* of the thread's index */
    uint32_t name;     /* canonical string id */
    uint32_t domain;
    bool by_calls; /* no range marks it */
    bool ranged;   /* its thread began ranges of its domain in it: those are its nodes */
    bool complete;
    bool detailed;
    bool timed;   /* its work was timed on the GPU */
    bool thinned; /* recorded in detail and then taken back to its outline, or to a repeat */
    bool probed;  /* the driver was asked in it, which takes time */
    bool counted;
    bool clocked;    /* counted, and gives host times */
    bool gives_time; /* its own time is one of those that the step's is the median of */
};

/* How many of a capture's ranges are steps, by name; for the fallback and for messages. */
enum steps_found {
    STEPS_NONE,
    STEPS_BY_PATTERN,
    STEPS_BY_REPETITION,
    STEPS_BY_CALL,
    STEPS_BY_PERIOD
};

/* What the user says that steps are, both NULL: as recorded. At most one is given. */
struct steps_wanted {
    const char *patterns; /* of ranges' names */
    const char *every;    /* CALL or CALL:N (graphprof/call_name.h) */
};

struct step_name; /* cached answer by string id */

struct steps {
    struct step *steps;
    size_t n_steps;
    size_t capacity;
    size_t n_complete;
    size_t n_counted;
    size_t n_times;   /* steps that give their own time */
    size_t n_thinned; /* complete ones */
    enum steps_found found;
    const char *patterns;     /* that were asked for */
    const char *every;        /* the call that steps are counted by, or NULL */
    bool marked;              /* and the recorder has marked them by ranges of its own */
    char fault[512];          /* why that call is none, or empty */
    uint32_t domain;          /* of the steps' ranges: the domain whose ranges are nodes */
    uint32_t *counted_before; /* [n_steps + 1] counted steps among the first i */

    /* While looking. */
    struct range_threads threads;
    bool detail;
    bool timed;
    bool outlined;            /* the next step of this thread has its outline alone */
    uint32_t outlined_thread; /* index */
    char *repeated; /* the name that repeats, with # for numbers, when looking by repetition */
    signed char *name_matches; /* by canonical string id: 0 not asked yet, 1 yes, -1 no */
    size_t names_capacity;
    struct step_repeat *repeats; /* ranges by name without numbers */
};

/*
 * Reads the capture from its start to its end, twice if it must look by repetition, and fills both
 * facts and steps. `wanted` NULL: as recorded. If a call is named that the capture does not know,
 * `fault` says so and there are no steps.
 */
void steps_scan(struct steps *steps, struct facts *facts, struct capture *capture,
                const struct steps_wanted *wanted);

/* Once all are found: those of one thread are kept, and of them it is chosen which count and which
   give times. Called by steps_scan. */
void steps_choose(struct steps *steps);

/* Whether the step's calls are its nodes. */
static inline bool steps_has_call_nodes(const struct step *step)
{
    return step->complete && step->detailed && !step->ranged;
}

/* Whether there is a step that calls mark, or in which they are the nodes (call_nodes.h). */
bool steps_have_calls(const struct steps *steps);

/* What found the steps, in a word, and the patterns, name or call that it went by. */
const char *steps_found_by(const struct steps *steps);
const char *steps_found_with(const struct steps *steps);

/* True if a range of that (canonical) name is a step where it is outermost. */
bool steps_name_matches(struct steps *steps, const struct facts *facts, uint32_t name);

/* Whether the domain (string id) is that of graphprof's own hooks. */
bool steps_is_own_domain(const struct facts *facts, uint32_t domain);

/* Whether ranges of the domain are nodes of a step whose range has the domain `of_step`: its own,
   that of graphprof's hooks, and where that is the step's the default one. */
bool steps_domain_counts(const struct facts *facts, uint32_t of_step, uint32_t domain);

/* Bytes of the capture that a counted step takes, their mean. At least one step is counted. */
uint64_t steps_capture_bytes(const struct steps *steps);

/* Counted steps among first..last, both included. */
static inline size_t steps_counted_between(const struct steps *steps, size_t first, size_t last)
{
    return first > last ? 0 : steps->counted_before[last + 1] - steps->counted_before[first];
}

void steps_free(struct steps *steps);

#endif
