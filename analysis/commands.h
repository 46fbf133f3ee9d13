/* The commands of `graphprof`, declared from commands.def. */
#ifndef ANALYSIS_COMMANDS_H
#define ANALYSIS_COMMANDS_H

#define GP_COMMAND(name, function, help) int function(int argc, char **argv);
#include "commands.def"
#undef GP_COMMAND

#endif
