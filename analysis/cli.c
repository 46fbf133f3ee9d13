#include "cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

#include "graphprof/call_name.h"

void cli_error(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    flockfile(stderr);
    fprintf(stderr, "graphprof %s: ", command);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
    va_end(arguments);
}

int cli_bad_option(const char *command, int found, char **argv)
{
    /* optopt is the short option at fault; for a long one argv[optind - 1] is what was written */
    const char *written = argv[optind - 1];
    const char short_form[] = {'-', (char)optopt, '\0'};
    if (optopt > ' ' && optopt < 127 && !(written[0] == '-' && written[1] == '-'))
        written = short_form;
    if (found == ':')
        cli_error(command, "option '%s' needs a value; `graphprof %s --help` says more", written,
                  command);
    else
        cli_error(command, "unknown option '%s'; `graphprof %s --help` lists them", written,
                  command);
    return CLI_BAD_INPUT;
}

int cli_only_help(const char *command, const char *usage, int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    opterr = 0;
    const int found = getopt_long(argc, argv, ":", options, NULL);
    if (found == -1)
        return -1;
    if (found != 'h')
        return cli_bad_option(command, found, argv);
    fputs(usage, stdout);
    return CLI_DONE;
}

int cli_check_call(const char *command, const char *call)
{
    struct gp_call_every parsed;
    if (gp_call_every_parse(call, &parsed))
        return CLI_DONE;
    cli_error(command, "option '--step-every': expected " GP_CALL_EVERY_EXPECTED ", found '%s'",
              call);
    return CLI_BAD_INPUT;
}
