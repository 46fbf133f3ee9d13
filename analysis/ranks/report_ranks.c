#include "ranks/report_ranks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli.h"
#include "graphprof/out_name.h"
#include "ranks/ranks.h"
#include "report/report_capture.h"

#define COMMAND "report"

struct source {
    const char *capture;
    long rank;
};

/* What the capture says of itself, at its beginning. */
static bool read_rank(struct source *source)
{
    struct capture *capture = memory_zeroed(1, sizeof *capture);
    struct facts *facts = memory_zeroed(1, sizeof *facts);
    struct capture_event event;
    const bool good = capture_open(capture, source->capture);
    if (!good)
        cli_error(COMMAND, "%s", capture->fault);
    while (good && capture_next(capture, &event)) {
        facts_take(facts, capture, &event);
        if (event.type == GP_RECORD_TEXT && facts_text(facts, "rank"))
            break;
    }
    source->rank = facts_number(facts, "rank", 0);
    facts_free(facts);
    free(facts);
    if (good)
        capture_close(capture);
    free(capture);
    return good;
}

static int compare(const void *a, const void *b)
{
    const long x = ((const struct source *)a)->rank, y = ((const struct source *)b)->rank;
    return (x > y) - (x < y);
}

/* Their ranks, and they in the order of these. */
static int read_ranks(struct source *sources, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!read_rank(&sources[i]))
            return CLI_BAD_INPUT;
    qsort(sources, n, sizeof *sources, compare);
    for (size_t i = 1; i < n; i++)
        if (sources[i].rank == sources[i - 1].rank) {
            cli_error(COMMAND, "'%s' and '%s' are both of rank %ld: expected one capture a rank",
                      sources[i - 1].capture, sources[i].capture, sources[i].rank);
            return CLI_BAD_INPUT;
        }
    return CLI_DONE;
}

static int take_rank(struct ranks *ranks, const struct source *source,
                     const struct steps_wanted *steps, struct out_files *files, const char *folder,
                     bool *made)
{
    char own[PATH_MAX + 32];
    struct analysis *analysis = memory_zeroed(1, sizeof *analysis);
    snprintf(own, sizeof own, "%s/" GP_RANK_FORMAT, folder, source->rank);
    const int status = report_capture(analysis, source->capture, steps, files, own, made);
    if (*made)
        ranks_add(ranks, source->rank, analysis);
    analysis_free(analysis);
    free(analysis);
    return status;
}

static bool write_merged(struct out_files *files, const struct ranks *ranks, const char *folder)
{
    FILE *to = out_files_open(files, folder, "ranks.csv");
    if (to)
        ranks_write_csv(to, ranks);
    if (to && out_files_commit(files))
        return true;
    cli_error(COMMAND, "%s", files->fault);
    return false;
}

int report_ranks(const char *const *captures, size_t n, const struct steps_wanted *steps,
                 const char *folder, bool quiet)
{
    struct source *sources = memory_zeroed(n, sizeof *sources);
    struct ranks ranks = {0};
    struct out_files files = {0};
    for (size_t i = 0; i < n; i++)
        sources[i].capture = captures[i];
    int status = read_ranks(sources, n);
    bool made = status == CLI_DONE;
    for (size_t i = 0; i < n && made; i++) {
        const int of_rank = take_rank(&ranks, &sources[i], steps, &files, folder, &made);
        status = of_rank > status ? of_rank : status;
    }
    if (made && !write_merged(&files, &ranks, folder)) {
        made = false;
        status = CLI_FAILED;
    }
    out_files_close(&files);
    if (made && !quiet)
        ranks_print(stdout, &ranks);
    ranks_free(&ranks);
    free(sources);
    return status;
}
