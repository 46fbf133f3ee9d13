/* graphprof dump: the records of a capture as text. */
#include <getopt.h>
#include <stdio.h>

#include "capture/dump.h"
#include "cli.h"
#include "commands.h"

#define COMMAND "dump"

static const char *const usage =
    "usage: graphprof dump CAPTURE\n"
    "\n"
    "Prints the records of a capture, one a line: byte offset, ns since the first record, thread,\n"
    "type, fields. Exit status: 0 done; 1 a corrupt record (what stands before it is printed);\n"
    "2 bad arguments or no capture.\n";

static int dump(const char *path)
{
    struct capture capture;
    struct facts facts = {0};
    if (!capture_open(&capture, path)) {
        cli_error(COMMAND, "%s", capture.fault);
        return CLI_BAD_INPUT;
    }
    dump_capture(stdout, &capture, &facts);
    int status = CLI_DONE;
    if (capture.end == CAPTURE_END_CORRUPT) {
        cli_error(COMMAND, "%s", capture.fault);
        status = CLI_FAILED;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_error(COMMAND, "cannot write to stdout");
        status = CLI_FAILED;
    }
    facts_free(&facts);
    capture_close(&capture);
    return status;
}

int cmd_dump(int argc, char **argv)
{
    const int status = cli_only_help(COMMAND, usage, argc, argv);
    if (status >= 0)
        return status;
    if (argc - optind != 1) {
        cli_error(COMMAND, "expected one capture, found %d; `graphprof dump --help` says more",
                  argc - optind);
        return CLI_BAD_INPUT;
    }
    return dump(argv[optind]);
}
