/*
 * What the commands of `graphprof` share in talking to the user: one line a fault, on stderr, with
 * the command's name in front. Exit statuses are those of commands.def.
 */
#ifndef ANALYSIS_CLI_H
#define ANALYSIS_CLI_H

enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,   /* a check failed or a thing could not be done */
    CLI_BAD_INPUT = 2 /* bad arguments or a bad file */
};

/* Prints "graphprof COMMAND: <message>" and a newline to stderr. */
void cli_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The line for what getopt_long (with opterr 0 and a ':' in front of the short options) returned as
 * '?' or ':'. Returns CLI_BAD_INPUT.
 */
int cli_bad_option(const char *command, int found, char **argv);

/*
 * For a command that knows no option but --help, which prints `usage`: an exit status, or -1 to go
 * on with the words from optind on.
 */
int cli_only_help(const char *command, const char *usage, int argc, char **argv);

/* Whether the argument of --step-every is well formed: CLI_DONE, else the line is said. */
int cli_check_call(const char *command, const char *call);

#endif
