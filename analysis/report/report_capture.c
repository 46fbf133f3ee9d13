#include "report/report_capture.h"

#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "graphprof/node_name.h"
#include "tables/report_files.h"

#define COMMAND "report"

/* The books of each device. `context`: the status. */
static void tell_books(const struct analysis *analysis, void *context)
{
    if (!analysis->account.violations)
        return;
    cli_error(COMMAND,
              "%s: the books do not balance at %" PRIu64 " of %" PRIu64
              " checks, first at byte %" PRIu64,
              analysis->capture.path, analysis->account.violations, analysis->account.checks,
              analysis->account.first_violation);
    *(int *)context = CLI_FAILED;
}

/* What the reader should know about a report that was made all the same. */
static int tell_faults(const struct analysis *analysis)
{
    int status = CLI_DONE;
    if (analysis->capture.end == CAPTURE_END_CORRUPT) {
        cli_error(COMMAND, "%s; what stands before it was used", analysis->capture.fault);
        status = CLI_FAILED;
    }
    if (analysis->capture.header.flags & GP_CAPTURE_TRUNCATED)
        cli_error(COMMAND, "%s: recording stopped early; the steps before that were used",
                  analysis->capture.path);
    return status;
}

static int tell_no_step(const struct analysis *analysis)
{
    const struct steps *steps = &analysis->steps;
    if (analysis->capture.end == CAPTURE_END_CORRUPT)
        cli_error(COMMAND, "%s", analysis->capture.fault);
    if (steps->n_steps == 0 && steps->every)
        cli_error(COMMAND, "%s: no complete step: there are too few calls of '%s' in one thread",
                  analysis->capture.path, steps->every);
    else if (steps->n_steps == 0 && strcmp(steps->patterns, GP_STEP_PATTERNS_DEFAULT) == 0)
        cli_error(COMMAND,
                  "%s: no complete step: no range matches '%s', and neither ranges nor calls "
                  "repeat; `--step-every CALL` names a call that ends each step",
                  analysis->capture.path, steps->patterns);
    else if (steps->n_steps == 0)
        cli_error(COMMAND, "%s: no complete step: no range matches '%s'", analysis->capture.path,
                  steps->patterns);
    else if (steps->n_complete == 0)
        cli_error(COMMAND, "%s: no complete step: the one that began did not end",
                  analysis->capture.path);
    else
        cli_error(COMMAND, "%s: no complete step that was recorded in detail, of %zu",
                  analysis->capture.path, steps->n_complete);
    return CLI_FAILED;
}

int report_capture(struct analysis *analysis, const char *capture, const struct steps_wanted *steps,
                   struct out_files *files, const char *folder, bool *made)
{
    int books = CLI_DONE;
    *made = false;
    switch (analysis_run(analysis, capture, steps)) {
    case ANALYSIS_BAD_CAPTURE:
        cli_error(COMMAND, "%s", analysis->fault);
        return CLI_BAD_INPUT;
    case ANALYSIS_NO_STEP:
        return tell_no_step(analysis);
    case ANALYSIS_DONE:
        break;
    }
    *made = report_files_write(files, analysis, folder, tell_books, &books);
    if (!*made) {
        cli_error(COMMAND, "%s", files->fault);
        return CLI_FAILED;
    }
    const int status = tell_faults(analysis);
    return books != CLI_DONE ? books : status;
}
