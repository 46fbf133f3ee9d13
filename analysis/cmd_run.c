/* graphprof run: a program under the recorder, then the report on its capture. */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "commands.h"
#include "run/run_child.h"
#include "run/run_driver.h"
#include "run/run_setup.h"

#define COMMAND "run"

static const char *const usage =
    "usage: graphprof run [-o DIR] [--step-every CALL[:N]] [--softgpu auto|yes|no] [--]\n"
    "                     COMMAND [ARGUMENT...]\n"
    "\n"
    "Runs COMMAND with libgraphprof.so preloaded, then makes nodes.csv, tensors.csv and\n"
    "summary.json from its capture. COMMAND's output, signals and exit status are its own.\n"
    "\n"
    "  -o, --out DIR             where capture and reports go (default graphprof.%p); files of\n"
    "                            an earlier run there are replaced. %p is the pid, %h the host\n"
    "                            name, %r the rank in a parallel job (else 0), %% is %\n"
    "      --step-every CALL[:N] for programs without ranges: a step ends behind each (N-th)\n"
    "                            call of the function or kernel CALL (GRAPHPROF_STEP_EVERY)\n"
    "      --softgpu auto|yes|no run on the CPU stand-in for CUDA: where no driver answers\n"
    "                            (default), always, or never\n"
    "      --show-device         print what `auto` would use, cuda or softgpu, and run nothing\n"
    "      --help                this text\n"
    "\n"
    "Exit status: COMMAND's; if a signal ended it, the same signal. 126 if COMMAND cannot be\n"
    "executed, 127 if it is not found, 2 for a bad option.\n"
    "\n"
    "Options of the recorder, set in the environment (GRAPHPROF_OUT and GRAPHPROF_REPORT are set\n"
    "by this command):\n";

static const struct {
    const char *variable;
    const char *initial;
    const char *meaning;
} recorder_options[] = {
#define GP_OPTION(id, variable, initial, meaning) {variable, initial, meaning},
#include "graphprof/options.def"
#undef GP_OPTION
};

/* Text in lines of at most `width`, each behind `indent` spaces, broken at spaces. */
static void print_wrapped(const char *words, int indent, int width)
{
    while (*words) {
        int length = (int)strlen(words);
        if (length > width) {
            length = width;
            while (length > 1 && words[length] != ' ')
                length--;
        }
        printf("%*s%.*s\n", indent, "", length, words);
        words += length;
        while (*words == ' ')
            words++;
    }
}

static void print_help(void)
{
    fputs(usage, stdout);
    for (size_t i = 0; i < sizeof recorder_options / sizeof recorder_options[0]; i++) {
        printf("\n  %s (default %s)\n", recorder_options[i].variable, recorder_options[i].initial);
        print_wrapped(recorder_options[i].meaning, 6, 86);
    }
}

static int parse_softgpu(const char *value, enum run_softgpu *softgpu)
{
    static const char *const values[] = {"auto", "yes", "no"};
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(value, values[i]) == 0) {
            *softgpu = (enum run_softgpu)i;
            return CLI_DONE;
        }
    cli_error(COMMAND, "option '--softgpu': expected auto, yes or no, not '%s'", value);
    return CLI_BAD_INPUT;
}

/* Processes that recorded while another held capture.gpcap have captures of their own. */
static void tell_of_others(const struct run_setup *setup)
{
    glob_t found = {0};
    if (glob(setup->others, 0, NULL, &found) == 0)
        cli_error(COMMAND,
                  "%zu more processes were recorded, the first into '%s': `graphprof report` it",
                  (size_t)found.gl_pathc, found.gl_pathv[0]);
    globfree(&found);
}

/* One report on the captures of all ranks, where the program started a parallel job. */
static bool report_ranks(const struct run_setup *setup)
{
    glob_t found = {.gl_offs = 3};
    if (glob(setup->ranks, GLOB_DOOFFS, NULL, &found) != 0)
        return false;
    dup2(STDERR_FILENO, STDOUT_FILENO);
    char **argv = found.gl_pathv;
    argv[0] = (char[]){"report"};
    argv[1] = (char[]){"-o"};
    argv[2] = setup->folder;
    optind = 0; /* a new scan, in GNU's getopt */
    if (cmd_report((int)found.gl_pathc + 3, argv) != CLI_DONE)
        cli_error(COMMAND, "no whole report was made; the captures are in '%s'", setup->folder);
    fflush(stdout);
    return true;
}

/* The report on the capture, if there is one. Its words go to stderr: stdout is the program's. */
static void report(const struct run_setup *setup, const char *program)
{
    if (access(setup->capture, F_OK) != 0) {
        if (report_ranks(setup))
            return;
        cli_error(COMMAND, "no capture in '%s': '%s' made no call that the recorder can see",
                  setup->folder, program);
        if (setup->made_folder)
            rmdir(setup->folder);
        return;
    }
    dup2(STDERR_FILENO, STDOUT_FILENO);
    char *argv[] = {(char[]){"report"}, setup->capture, (char[]){"-o"}, setup->folder, NULL};
    optind = 0; /* a new scan, in GNU's getopt */
    if (cmd_report(4, argv) != CLI_DONE)
        cli_error(COMMAND, "no report was made; the capture is '%s'", setup->capture);
    fflush(stdout); /* a signal may be what ends us */
    tell_of_others(setup);
}

int cmd_run(int argc, char **argv)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'},     {"step-every", required_argument, NULL, 'e'},
        {"softgpu", required_argument, NULL, 's'}, {"show-device", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},          {0}};
    const char *folder = NULL;
    const char *step_every = NULL;
    enum run_softgpu softgpu = RUN_SOFTGPU_AUTO;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "+:o:", options, NULL)) != -1;) {
        switch (c) {
        case 'o':
            folder = optarg;
            break;
        case 'e':
            step_every = optarg;
            if (cli_check_call(COMMAND, optarg) != CLI_DONE)
                return CLI_BAD_INPUT;
            break;
        case 's':
            if (parse_softgpu(optarg, &softgpu) != CLI_DONE)
                return CLI_BAD_INPUT;
            break;
        case 'd':
            puts(run_driver_answers() ? "cuda" : "softgpu");
            return CLI_DONE;
        case 'h':
            print_help();
            return CLI_DONE;
        default:
            return cli_bad_option(COMMAND, c, argv);
        }
    }
    if (optind == argc) {
        cli_error(COMMAND, "no command given; `graphprof run --help` says more");
        return CLI_BAD_INPUT;
    }

    char **program = argv + optind;
    struct run_setup setup;
    int status = run_setup_prepare(&setup, folder, softgpu, step_every);
    if (status != CLI_DONE)
        return status;
    int ended = 0;
    int error = run_child(program, setup.settings, setup.n_settings, &ended);
    if (error) {
        cli_error(COMMAND, "cannot run '%s': %s", program[0], strerror(error));
        if (setup.made_folder)
            rmdir(setup.folder);
        return error == ENOENT ? 127 : 126;
    }
    report(&setup, program[0]);
    run_child_end_like(ended);
}
