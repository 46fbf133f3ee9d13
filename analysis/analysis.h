/*
 * From a capture to rows: scan (facts, steps), identify (tensors, peaks), roles, account (nodes),
 * rows. Each stage reads what the one before made; the capture is replayed once for identify and
 * once for account.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "account/account.h"
#include "tables/node_rows.h"

enum analysis_result {
    ANALYSIS_DONE,
    ANALYSIS_BAD_CAPTURE, /* `fault`: not a capture, or none with the call that steps are counted by
                           */
    ANALYSIS_NO_STEP      /* no complete step that was recorded in detail */
};

struct gpu_medians {
    uint64_t busy_ns; /* over the steps with GPU times: any work runs */
    uint64_t busy_mad_ns;
    uint64_t sum_ns;       /* all of a step's work */
    uint64_t nodes_sum_ns; /* the rows' times, added up */
};

struct analysis {
    struct capture capture;
    struct facts facts;
    struct steps steps;
    struct nodes nodes;
    struct segments segments;
    struct tensors tensors;
    struct identify identify;
    struct account account;
    struct node_rows rows;
    uint32_t *tensor_order;
    unsigned device;       /* the tables': the one with the highest peak in a counted step */
    size_t reference_step; /* supplies the lower median of the counted steps' peaks */
    struct peak reference_peak;
    uint64_t step_ns; /* medians over clocked steps, on the host */
    uint64_t step_mad_ns;
    uint64_t step_min_ns;
    struct gpu_medians gpu;
    char fault[512];
};

/*
 * Analyses the capture at `path` (which must outlive the analysis). `steps` NULL: as recorded. A
 * corrupt capture is analysed up to the record at fault: capture.end and capture.fault say so.
 */
enum analysis_result analysis_run(struct analysis *analysis, const char *path,
                                  const struct steps_wanted *steps);
void analysis_free(struct analysis *analysis);

/* The first counted step whose peak on the device is the lower median of all counted steps', and
   that peak. */
struct peak analysis_reference(const struct analysis *analysis, unsigned device, size_t *step);

/* Whether any memory of the device was live in a counted step. */
bool analysis_has_device(const struct analysis *analysis, unsigned device);

/* The same analysis with the bytes of another device: replays the capture once more. What rows and
   account held before is gone. */
void analysis_of_device(struct analysis *analysis, unsigned device);

#endif
