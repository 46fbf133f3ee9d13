/* graphprof report: nodes.csv, tensors.csv and summary.json from a capture. */
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis.h"
#include "cli.h"
#include "commands.h"
#include "tables/out_files.h"
#include "tables/summary.h"
#include "tables/tables.h"

#define COMMAND "report"

static const char *const usage =
    "usage: graphprof report [-o DIR] [--step PATTERNS] [--quiet] CAPTURE\n"
    "\n"
    "Makes nodes.csv, tensors.csv and summary.json from a capture, or from the capture in the\n"
    "folder CAPTURE, and prints a summary. The program may still run or have been killed: what\n"
    "counts are the steps that are complete.\n"
    "\n"
    "  -o, --out DIR        where the files go (default: beside the capture)\n"
    "      --step PATTERNS  names of the ranges that are steps: fnmatch patterns, separated by\n"
    "                       commas (default: as recorded)\n"
    "      --kernels        print, instead of the summary, a table of nodes split by kernel: the "
    "time\n"
    "                       each takes on the GPU in a step (needs a capture with GPU times)\n"
    "  -q, --quiet          no summary\n"
    "      --help           this text\n"
    "\n"
    "Exit status: 0 done; 1 no complete step, a corrupt record or books that do not balance (the\n"
    "files are made from what is good); 2 bad arguments or no capture.\n";

struct request {
    char capture[PATH_MAX];
    char folder[PATH_MAX];
    const char *patterns;
    bool quiet;
    bool kernels;
};

/* The capture itself where a folder is named, and the folder of the files. */
static int set_paths(struct request *request, const char *capture, const char *folder)
{
    struct stat status;
    bool is_folder = stat(capture, &status) == 0 && S_ISDIR(status.st_mode);
    int n = snprintf(request->capture, sizeof request->capture, "%s%s", capture,
                     is_folder ? "/" GP_CAPTURE_FILE_NAME : "");
    const char *slash = strrchr(request->capture, '/');
    int length = slash ? (int)(slash - request->capture) : 1;
    int m = folder ? snprintf(request->folder, sizeof request->folder, "%s", folder)
                   : snprintf(request->folder, sizeof request->folder, "%.*s", length ? length : 1,
                              slash ? request->capture : ".");
    if (n >= (int)sizeof request->capture || m >= (int)sizeof request->folder || !*capture ||
        (folder && !*folder)) {
        cli_error(COMMAND, "expected the name of a file or folder, found one that is empty or "
                           "too long");
        return CLI_BAD_INPUT;
    }
    return CLI_DONE;
}

static bool write_files(const struct analysis *analysis, const char *folder)
{
    struct out_files files = {0};
    FILE *to = NULL;
    if (out_files_folder(&files, folder) && (to = out_files_open(&files, folder, "nodes.csv")))
        tables_write_nodes(to, &analysis->rows, &analysis->account);
    if (to && (to = out_files_open(&files, folder, "tensors.csv")))
        tables_write_tensors(to, &analysis->rows, &analysis->account, analysis->tensor_order);
    if (to && (to = out_files_open(&files, folder, "summary.json")))
        summary_write_json(to, analysis);
    bool good = to && out_files_commit(&files);
    if (!good)
        cli_error(COMMAND, "%s", files.fault);
    out_files_close(&files);
    return good;
}

/* What the reader should know about a report that was made all the same. */
static int tell_faults(const struct analysis *analysis)
{
    int status = CLI_DONE;
    if (analysis->capture.end == CAPTURE_END_CORRUPT) {
        cli_error(COMMAND, "%s; what stands before it was used", analysis->capture.fault);
        status = CLI_FAILED;
    }
    if (analysis->account.violations) {
        cli_error(COMMAND,
                  "%s: the books do not balance at %" PRIu64 " of %" PRIu64
                  " checks, first at byte %" PRIu64,
                  analysis->capture.path, analysis->account.violations, analysis->account.checks,
                  analysis->account.first_violation);
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
    if (steps->n_steps == 0)
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

static int report(const struct request *request)
{
    struct analysis *analysis = malloc(sizeof *analysis);
    if (!analysis) {
        cli_error(COMMAND, "out of memory");
        return CLI_FAILED;
    }
    int status = CLI_DONE;
    switch (analysis_run(analysis, request->capture, request->patterns)) {
    case ANALYSIS_BAD_CAPTURE:
        cli_error(COMMAND, "%s", analysis->fault);
        status = CLI_BAD_INPUT;
        break;
    case ANALYSIS_NO_STEP:
        status = tell_no_step(analysis);
        break;
    case ANALYSIS_DONE:
        if (!write_files(analysis, request->folder)) {
            status = CLI_FAILED;
            break;
        }
        status = tell_faults(analysis);
        if (request->kernels)
            kernels_print(stdout, analysis);
        else if (!request->quiet)
            summary_print(stdout, analysis);
        break;
    }
    analysis_free(analysis);
    free(analysis);
    return status;
}

int cmd_report(int argc, char **argv)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'}, {"step", required_argument, NULL, 's'},
        {"kernels", no_argument, NULL, 'k'},   {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},      {0}};
    struct request request = {0};
    const char *folder = NULL;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":o:q", options, NULL)) != -1;) {
        switch (c) {
        case 'o':
            folder = optarg;
            break;
        case 's':
            request.patterns = optarg;
            break;
        case 'k':
            request.kernels = true;
            break;
        case 'q':
            request.quiet = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return CLI_DONE;
        default:
            return cli_bad_option(COMMAND, c, argv);
        }
    }
    if (argc - optind != 1) {
        cli_error(COMMAND, "expected one capture, found %d; `graphprof report --help` says more",
                  argc - optind);
        return CLI_BAD_INPUT;
    }
    int status = set_paths(&request, argv[optind], folder);
    return status == CLI_DONE ? report(&request) : status;
}
