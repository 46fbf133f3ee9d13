/* graphprof batch_memory_analysis: the peak by role over batch sizes, and whether the books close.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "batch/batch.h"
#include "batch/batch_table.h"
#include "batch/checks.h"
#include "cli.h"
#include "commands.h"

#define COMMAND         "batch_memory_analysis"
#define SIZE_MAX_IMAGES 1000000

static const char *const usage =
    "usage: graphprof batch_memory_analysis --batch-sizes N... [--reports DIR] [option...]\n"
    "\n"
    "Reads DIR/batch_NNN/nodes.csv and tensors.csv for each batch size, prints the peak by role,\n"
    "step times, throughput and their straight-line fits, then one PASS or FAIL line a check, and\n"
    "writes the same to DIR/summary.txt. summary.json of each folder is read for the memory "
    "pool's\n"
    "high-water mark, events lost and balance violations.\n"
    "\n"
    "      --batch-sizes N...       the batch sizes, in any order\n"
    "      --reports DIR            where their folders are (default reports)\n"
    "      --expect-parameters N    the model has N parameters of 4 bytes\n"
    "      --optimizer sgd|adam     check its state: once (momentum) or twice the parameters\n"
    "      --reference DIR          compare peaks and roles with an earlier run's folders\n"
    "      --help                   this text\n"
    "\n"
    "Exit status: 0 if every check passes, 1 if one fails, 2 for a bad option or file.\n";

struct settings {
    const char *reports;
    const char *reference;
    struct check_expectations expected;
    size_t n_sizes;
    int64_t *sizes; /* ascending, each once */
};

static int parse_count(const char *option, const char *text, int64_t most, int64_t *value)
{
    char *end = NULL;
    errno = 0;
    long long parsed = strtoll(text, &end, 10);
    if (errno || end == text || *end || parsed < 1 || parsed > most) {
        cli_error(COMMAND, "option '%s': expected a whole number from 1 to %" PRId64 ", not '%s'",
                  option, most, text);
        return CLI_BAD_INPUT;
    }
    *value = parsed;
    return CLI_DONE;
}

static int parse_optimizer(const char *text, enum check_optimizer *optimizer)
{
    if (strcmp(text, "sgd") == 0)
        *optimizer = CHECK_OPTIMIZER_SGD;
    else if (strcmp(text, "adam") == 0)
        *optimizer = CHECK_OPTIMIZER_ADAM;
    else {
        cli_error(COMMAND, "option '--optimizer': expected sgd or adam, not '%s'", text);
        return CLI_BAD_INPUT;
    }
    return CLI_DONE;
}

static int add_size(struct settings *settings, const char *text)
{
    int64_t size = 0;
    if (parse_count("--batch-sizes", text, SIZE_MAX_IMAGES, &size) != CLI_DONE)
        return CLI_BAD_INPUT;
    size_t at = 0;
    while (at < settings->n_sizes && settings->sizes[at] < size)
        at++;
    if (at < settings->n_sizes && settings->sizes[at] == size) {
        cli_error(COMMAND, "option '--batch-sizes': %" PRId64 " is given twice", size);
        return CLI_BAD_INPUT;
    }
    memmove(settings->sizes + at + 1, settings->sizes + at,
            (settings->n_sizes - at) * sizeof *settings->sizes);
    settings->sizes[at] = size;
    settings->n_sizes++;
    return CLI_DONE;
}

/* Returns an exit status, or -1 to go on. */
static int parse_arguments(struct settings *settings, int argc, char **argv)
{
    static const struct option options[] = {{"batch-sizes", required_argument, NULL, 'b'},
                                            {"reports", required_argument, NULL, 'r'},
                                            {"expect-parameters", required_argument, NULL, 'p'},
                                            {"optimizer", required_argument, NULL, 'o'},
                                            {"reference", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    /* "-": words that are no option come as 1; they are batch sizes behind --batch-sizes alone */
    int in_sizes = 0;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "-:", options, NULL)) != -1;) {
        int status = CLI_DONE;
        switch (c) {
        case 'b':
            status = add_size(settings, optarg);
            break;
        case 1:
            if (in_sizes)
                status = add_size(settings, optarg);
            else {
                cli_error(COMMAND, "unexpected argument '%s'; `graphprof %s --help` says more",
                          optarg, COMMAND);
                status = CLI_BAD_INPUT;
            }
            break;
        case 'r':
            settings->reports = optarg;
            break;
        case 'p':
            status = parse_count("--expect-parameters", optarg, INT64_C(1) << 48,
                                 &settings->expected.parameters);
            break;
        case 'o':
            status = parse_optimizer(optarg, &settings->expected.optimizer);
            break;
        case 'f':
            settings->reference = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            return CLI_DONE;
        default:
            return cli_bad_option(COMMAND, c, argv);
        }
        if (status != CLI_DONE)
            return status;
        in_sizes = c == 'b' || c == 1;
    }
    if (settings->n_sizes == 0) {
        cli_error(COMMAND, "option '--batch-sizes' is needed; `graphprof %s --help` says more",
                  COMMAND);
        return CLI_BAD_INPUT;
    }
    return -1;
}

/* Everything that is printed, into `to`: the number of failed checks. */
static int analyse(FILE *to, const struct settings *settings, const struct batch *batches,
                   const struct batch *references)
{
    struct check_log log = {.to = to};
    batch_table_print(to, batches, settings->n_sizes);
    fputc('\n', to);
    for (size_t i = 0; i < settings->n_sizes; i++) {
        check_batch(&log, &batches[i], &settings->expected);
        if (references)
            check_reference(&log, &batches[i], &references[i]);
    }
    check_sweep(&log, batches, settings->n_sizes);
    fprintf(to, "\n%d checks passed, %d failed\n", log.n_passed, log.n_failed);
    return log.n_failed;
}

/* Under a temporary name first: a summary.txt is a whole one. */
static int write_summary(const char *reports, const char *text, size_t length)
{
    char path[4096];
    char part[4096];
    int fits = snprintf(path, sizeof path, "%s/summary.txt", reports) < (int)sizeof path &&
               snprintf(part, sizeof part, "%s/.summary.txt.part", reports) < (int)sizeof part;
    FILE *file = fits ? fopen(part, "w") : NULL;
    int ok = file && fwrite(text, 1, length, file) == length;
    if (file && fclose(file) != 0)
        ok = 0;
    if (ok && rename(part, path) == 0)
        return CLI_DONE;
    cli_error(COMMAND, "cannot write '%s/summary.txt': %s", reports, strerror(errno));
    if (file)
        unlink(part);
    return CLI_FAILED;
}

static int report(const struct settings *settings, const struct batch *batches,
                  const struct batch *references)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    int n_failed = memory ? analyse(memory, settings, batches, references) : 0;
    if (!memory || fclose(memory) != 0) {
        cli_error(COMMAND, "out of memory");
        free(text);
        return CLI_FAILED;
    }
    int status = write_summary(settings->reports, text, length);
    if (fwrite(text, 1, length, stdout) != length || fflush(stdout) != 0)
        status = CLI_FAILED;
    free(text);
    return n_failed ? CLI_FAILED : status;
}

static int load_all(const struct settings *settings, struct batch *batches,
                    struct batch *references, struct csv_fault *fault)
{
    for (size_t i = 0; i < settings->n_sizes; i++) {
        if (batch_load(&batches[i], settings->reports, settings->sizes[i], fault) != 0)
            return -1;
        if (references &&
            batch_load_nodes(&references[i], settings->reference, settings->sizes[i], fault) != 0)
            return -1;
    }
    return 0;
}

int cmd_batch_memory_analysis(int argc, char **argv)
{
    struct settings settings = {.reports = "reports"};
    settings.sizes = memory_zeroed((size_t)argc, sizeof *settings.sizes);
    int status = parse_arguments(&settings, argc, argv);
    if (status < 0) {
        struct batch *batches = memory_zeroed(settings.n_sizes, sizeof *batches);
        struct batch *references =
            settings.reference ? memory_zeroed(settings.n_sizes, sizeof *references) : NULL;
        struct csv_fault fault;
        if (load_all(&settings, batches, references, &fault) == 0) {
            status = report(&settings, batches, references);
        } else {
            cli_error(COMMAND, "%s", fault.text);
            status = CLI_BAD_INPUT;
        }
        for (size_t i = 0; i < settings.n_sizes; i++) {
            batch_free(&batches[i]);
            if (references)
                batch_free(&references[i]);
        }
        free(batches);
        free(references);
    }
    free(settings.sizes);
    return status;
}
