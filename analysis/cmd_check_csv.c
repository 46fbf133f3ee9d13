/* graphprof check_csv: are the CSVs of these folders whole and of the right form? */
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "commands.h"
#include "csv/csv_tables.h"

#define COMMAND "check_csv"

static const char *const usage =
    "usage: graphprof check_csv DIR...\n"
    "\n"
    "Reads nodes.csv and tensors.csv of each folder, or its ranks.csv, and of the folders of\n"
    "ranks and devices in it, as strictly as every consumer does: header,\n"
    "kind of each field, no empty number, no NaN, no cut-off line, ranks that exist. Silent if "
    "all\n"
    "is well; else one line on stderr (FILE:LINE: column NAME: expected ...) and exit status 2.\n";

#define FOLDER_MAX 4000

static int check_nodes(const char *folder)
{
    char path[2][FOLDER_MAX + 64];
    snprintf(path[0], sizeof path[0], "%s/nodes.csv", folder);
    snprintf(path[1], sizeof path[1], "%s/tensors.csv", folder);

    struct csv_nodes nodes = {0};
    struct csv_tensors tensors = {0};
    struct csv_fault fault;
    int status = csv_read_nodes(path[0], &nodes, &fault);
    if (status == 0)
        status = csv_read_tensors(path[1], &tensors, &fault);
    if (status == 0)
        status = csv_match_ranks(&nodes, &tensors, &fault);
    if (status != 0)
        cli_error(COMMAND, "%s", fault.text);
    csv_free_nodes(&nodes);
    csv_free_tensors(&tensors);
    return status == 0 ? CLI_DONE : CLI_BAD_INPUT;
}

static int check_ranks(const char *path)
{
    struct csv_ranks ranks = {0};
    struct csv_fault fault;
    int status = csv_read_ranks(path, &ranks, &fault);
    if (status != 0)
        cli_error(COMMAND, "%s", fault.text);
    csv_free_ranks(&ranks);
    return status == 0 ? CLI_DONE : CLI_BAD_INPUT;
}

/* Folders of ranks and of devices. */
static int is_part(const struct dirent *entry)
{
    return strncmp(entry->d_name, "rank_", 5) == 0 || strncmp(entry->d_name, "device_", 7) == 0;
}

static int check_folder(const char *folder)
{
    char path[FOLDER_MAX + 300];
    struct dirent **parts = NULL;
    if (strlen(folder) > FOLDER_MAX) {
        cli_error(COMMAND, "the folder's name is too long");
        return CLI_BAD_INPUT;
    }
    snprintf(path, sizeof path, "%s/ranks.csv", folder);
    int status = access(path, F_OK) == 0 ? check_ranks(path) : check_nodes(folder);
    const int n = scandir(folder, &parts, is_part, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i]->d_name);
        free(parts[i]);
        if (status == CLI_DONE)
            status = check_folder(path);
    }
    free(parts);
    return status;
}

int cmd_check_csv(int argc, char **argv)
{
    const int status = cli_only_help(COMMAND, usage, argc, argv);
    if (status >= 0)
        return status;
    if (optind == argc) {
        cli_error(COMMAND, "no folder given; `graphprof check_csv --help` says more");
        return CLI_BAD_INPUT;
    }
    for (; optind < argc; optind++)
        if (check_folder(argv[optind]) != CLI_DONE)
            return CLI_BAD_INPUT;
    return CLI_DONE;
}
