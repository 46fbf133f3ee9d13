#include "step_filter.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define PATTERNS_MAX      16
#define PATTERN_BYTES_MAX 512
#define SPANS_MAX         64
#define AUTO_WHOLE        256u /* the first steps, all of them recorded in detail */
/* A capture as long as that holds fewer in detail. Of 256 MB a run of 100,000 steps may need half
   for what it says of steps that repeat others, where the addresses of some hundred blocks change
   in each. */
#define BYTES_SPARED (UINT64_C(64) << 20)
#define SPARED       8u
#define KNOWN_MAX    65536u /* ids above are matched each time */
#define TIMED_EVERY  2u     /* of the first TIMED_OFTEN recorded steps */
#define TIMED_OFTEN  32u

static char pattern_text[PATTERN_BYTES_MAX];
static const char *patterns[PATTERNS_MAX];
static unsigned n_patterns;

struct span {
    uint64_t first, last;
};
struct span_list {
    struct span spans[SPANS_MAX];
    unsigned n;
};
static struct span_list detailed, timed;
static bool detailed_auto; /* rather than as `detailed` says */
static bool timed_auto;
static uint64_t timed_every; /* else; 0: `timed` says which */

static atomic_uint_fast64_t steps_begun;
atomic_bool gp_step_filter_detail = true;

enum {
    UNKNOWN,
    IS_STEP,
    IS_NOT
};
static _Atomic uint8_t known[KNOWN_MAX];

bool gp_step_filter_patterns(const char *value)
{
    unsigned commas = 0;
    for (const char *p = value; *p; p++)
        commas += *p == ',';
    if (strlen(value) >= PATTERN_BYTES_MAX || commas >= PATTERNS_MAX)
        return false;
    memcpy(pattern_text, value, strlen(value) + 1);
    n_patterns = 0;
    for (char *rest = pattern_text, *pattern; (pattern = strsep(&rest, ",")) != NULL;)
        if (*pattern)
            patterns[n_patterns++] = pattern;
    return true;
}

/* A number, from which *end points on. */
static bool number(const char *text, char **end, uint64_t *value)
{
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *value = strtoull(text, end, 10);
    return errno == 0;
}

/* Numbers and spans with commas between them. Nothing is taken if it is malformed. */
static bool parse_spans(const char *value, struct span_list *list)
{
    struct span found[SPANS_MAX];
    unsigned n = 0;

    if (strcmp(value, "all") == 0) {
        list->spans[0].first = 0;
        list->spans[0].last = UINT64_MAX;
        list->n = 1;
        return true;
    }
    for (const char *p = value;; p++) {
        char *end;
        if (n == SPANS_MAX || !number(p, &end, &found[n].first))
            return false;
        found[n].last = found[n].first;
        if (*end == '-') {
            found[n].last = UINT64_MAX;
            if (end[1] != ',' && end[1] != '\0') {
                if (!number(end + 1, &end, &found[n].last))
                    return false;
            } else {
                end++;
            }
        }
        if (found[n].last < found[n].first || (*end != ',' && *end != '\0'))
            return false;
        n++;
        if (*end == '\0')
            break;
        p = end;
    }
    memcpy(list->spans, found, n * sizeof found[0]);
    list->n = n;
    return true;
}

static bool holds(const struct span_list *list, uint64_t step)
{
    for (unsigned i = 0; i < list->n; i++)
        if (step >= list->spans[i].first && step <= list->spans[i].last)
            return true;
    return false;
}

bool gp_step_filter_steps(const char *value)
{
    const bool is_auto = strcmp(value, "auto") == 0;
    if (!is_auto && !parse_spans(value, &detailed))
        return false;
    detailed_auto = is_auto;
    return true;
}

bool gp_step_filter_time_steps(const char *value)
{
    static const char every[] = "every:";
    const bool is_auto = strcmp(value, "auto") == 0;
    uint64_t n = 0;
    char *end;
    if (strcmp(value, "none") == 0) {
        timed.n = 0;
    } else if (strncmp(value, every, strlen(every)) == 0) {
        if (!number(value + strlen(every), &end, &n) || *end || n == 0)
            return false;
    } else if (!is_auto && !parse_spans(value, &timed)) {
        return false;
    }
    timed_auto = is_auto;
    timed_every = n;
    return true;
}

static bool matches(const char *name)
{
    for (unsigned i = 0; i < n_patterns; i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

bool gp_step_filter_is_step(uint32_t id, const char *name)
{
    if (id == 0 || id >= KNOWN_MAX)
        return matches(name);
    uint8_t state = atomic_load_explicit(&known[id], memory_order_relaxed);
    if (state == UNKNOWN) {
        state = matches(name) ? IS_STEP : IS_NOT;
        atomic_store_explicit(&known[id], state, memory_order_relaxed);
    }
    return state == IS_STEP;
}

uint64_t gp_step_filter_next(void)
{
    return atomic_fetch_add_explicit(&steps_begun, 1, memory_order_relaxed);
}

/* Of the numbers from `whole` on each second, of those from twice that on each fourth, and so on:
   as many each time that the number doubles. */
static uint64_t stride(uint64_t number, uint64_t whole)
{
    uint64_t every = 1;
    for (uint64_t from = whole; number >= from && from <= UINT64_MAX / 2; from *= 2)
        every *= 2;
    return every;
}

static bool thinned(uint64_t step) { return step % stride(step, AUTO_WHOLE) == 0; }

bool gp_step_filter_judges(uint64_t step, uint64_t bytes)
{
    return detailed_auto && (step >= AUTO_WHOLE || bytes >= BYTES_SPARED);
}

bool gp_step_filter_chooses(uint64_t step, uint64_t bytes)
{
    if (bytes >= 2 * BYTES_SPARED)
        return (step & (step - 1)) == 0;
    return step % (stride(step, AUTO_WHOLE) * (bytes >= BYTES_SPARED ? SPARED : 1)) == 0;
}

bool gp_step_filter_has_room(uint64_t bytes) { return bytes < 2 * BYTES_SPARED + BYTES_SPARED / 4; }

bool gp_step_filter_wants(uint64_t step, bool changed)
{
    return detailed_auto ? changed || thinned(step) : holds(&detailed, step);
}

/* The first of the recorded steps is not timed where not all are: it also sets things up. */
bool gp_step_filter_times(uint64_t step, uint64_t recorded)
{
    const uint64_t every = timed_auto ? TIMED_EVERY * stride(recorded, TIMED_OFTEN) : timed_every;
    return every ? recorded % every == every - 1 : holds(&timed, step);
}

bool gp_step_filter_times_any(void) { return timed_auto || timed_every || timed.n; }
