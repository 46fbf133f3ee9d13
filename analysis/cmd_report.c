/* graphprof report: nodes.csv, tensors.csv and summary.json from a capture. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis.h"
#include "base/array.h"
#include "cli.h"
#include "commands.h"
#include "ranks/report_ranks.h"
#include "report/report_capture.h"
#include "tables/summary.h"

#define COMMAND "report"

static const char *const usage =
    "usage: graphprof report [-o DIR] [--step PATTERNS | --step-every CALL[:N]] [--quiet] CAPTURE\n"
    "       graphprof report -o DIR [...] CAPTURE CAPTURE...\n"
    "\n"
    "Makes nodes.csv, tensors.csv and summary.json from a capture, or from the capture in the\n"
    "folder CAPTURE, and prints a summary. The program may still run or have been killed: what\n"
    "counts are the steps that are complete. Several captures are those of the ranks of a "
    "parallel\n"
    "job: each rank has its files in DIR/rank_NNN, and DIR/ranks.csv has each node over all "
    "ranks.\n"
    "\n"
    "  -o, --out DIR        where the files go (default: beside the capture)\n"
    "      --step PATTERNS  names of the ranges that are steps: fnmatch patterns, separated by\n"
    "                       commas (default: as recorded)\n"
    "      --step-every CALL[:N]\n"
    "                       for programs without ranges: a step ends behind each (N-th) call of\n"
    "                       the function or kernel CALL (default: as recorded; else what repeats)\n"
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
    struct steps_wanted steps;
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

static int report(const struct request *request)
{
    struct analysis *analysis = memory_zeroed(1, sizeof *analysis);
    struct out_files files = {0};
    bool made;
    int status =
        report_capture(analysis, request->capture, &request->steps, &files, request->folder, &made);
    if (made && !out_files_commit(&files)) {
        cli_error(COMMAND, "%s", files.fault);
        status = CLI_FAILED;
        made = false;
    }
    out_files_close(&files);
    if (made && request->kernels)
        kernels_print(stdout, analysis);
    else if (made && !request->quiet)
        summary_print(stdout, analysis);
    analysis_free(analysis);
    free(analysis);
    return status;
}

static int report_all(char **captures, size_t n, const char *folder, const struct request *asked)
{
    if (!folder || asked->kernels) {
        cli_error(COMMAND, "expected %s, found %zu captures; `graphprof report --help` says more",
                  asked->kernels ? "one capture with --kernels" : "-o DIR with several captures",
                  n);
        return CLI_BAD_INPUT;
    }
    struct request *requests = memory_zeroed(n, sizeof *requests);
    const char **paths = memory_zeroed(n, sizeof *captures);
    int status = CLI_DONE;
    for (size_t i = 0; i < n && status == CLI_DONE; i++) {
        status = set_paths(&requests[i], captures[i], folder);
        paths[i] = requests[i].capture;
    }
    if (status == CLI_DONE)
        status = report_ranks(paths, n, &asked->steps, folder, asked->quiet);
    free(paths);
    free(requests);
    return status;
}

int cmd_report(int argc, char **argv)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {"step", required_argument, NULL, 's'},
                                            {"step-every", required_argument, NULL, 'e'},
                                            {"kernels", no_argument, NULL, 'k'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct request request = {0};
    const char *folder = NULL;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":o:q", options, NULL)) != -1;) {
        switch (c) {
        case 'o':
            folder = optarg;
            break;
        case 's':
            request.steps.patterns = optarg;
            break;
        case 'e':
            request.steps.every = optarg;
            if (cli_check_call(COMMAND, optarg) != CLI_DONE)
                return CLI_BAD_INPUT;
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
    if (argc == optind) {
        cli_error(COMMAND, "expected a capture, found none; `graphprof report --help` says more");
        return CLI_BAD_INPUT;
    }
    if (request.steps.patterns && request.steps.every) {
        cli_error(COMMAND, "expected one of '--step' and '--step-every', found both");
        return CLI_BAD_INPUT;
    }
    if (argc - optind > 1)
        return report_all(argv + optind, (size_t)(argc - optind), folder, &request);
    int status = set_paths(&request, argv[optind], folder);
    return status == CLI_DONE ? report(&request) : status;
}
