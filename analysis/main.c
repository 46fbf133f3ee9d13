/* graphprof: finds the command and hands over. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
#define GP_COMMAND(name, function, help) {name, function, help},
#include "commands.def"
#undef GP_COMMAND
};

static void print_usage(FILE *to)
{
    fputs("usage: graphprof COMMAND [OPTION...] [ARGUMENT...]\n\n", to);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(to, "  %-22s %s\n", commands[i].name, commands[i].help);
    fputs("\n`graphprof COMMAND --help` says more.\n", to);
}

int main(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        print_usage(stdout);
        return 0;
    }
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "graphprof: no command '%s'; `graphprof --help` lists them\n", argv[1]);
    return 2;
}
