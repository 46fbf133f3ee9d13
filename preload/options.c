#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "graphprof/call_name.h"
#include "message.h"
#include "step_calls.h"
#include "step_filter.h"

#define NVTX_PATH "NVTX_INJECTION64_PATH"
#define CUDA_PATH "CUDA_INJECTION64_PATH"

const char *const gp_option_variables[GP_OPTION_COUNT] = {
#define GP_OPTION(id, variable, preset, meaning) variable,
#include "graphprof/options.def"
#undef GP_OPTION
};

static const char *const defaults[GP_OPTION_COUNT] = {
#define GP_OPTION(id, variable, preset, meaning) preset,
#include "graphprof/options.def"
#undef GP_OPTION
};

static struct gp_options options;

/* The value that was refused for each option, and what was expected. */
static struct {
    const char *value;
    const char *expected;
} refused[GP_OPTION_COUNT];

const struct gp_options *gp_options(void) { return &options; }

static void refuse(enum gp_option option, const char *expected)
{
    refused[option].value = options.value[option];
    refused[option].expected = expected;
    options.value[option] = defaults[option];
}

void gp_options_complain(void)
{
    for (int i = 0; i < GP_OPTION_COUNT; i++)
        if (refused[i].value)
            gp_message("%s=%s: expected %s; using '%s'", gp_option_variables[i], refused[i].value,
                       refused[i].expected, defaults[i]);
}

/* The folder's absolute path. False if it becomes too long. */
static bool expand_out(const char *pattern, char *out, size_t size)
{
    size_t n = 0;
    if (pattern[0] != '/') {
        if (!getcwd(out, size))
            return false;
        n = strlen(out);
        if (n + 1 >= size)
            return false;
        out[n++] = '/';
    }
    options.out_is_shared = gp_out_name_is_shared(pattern, &options.rank);
    return gp_out_name(pattern, &options.rank, out + n, size - n);
}

/* A step's number; UINT64_MAX for none. */
static bool parse_step(const char *value, uint64_t *step)
{
    char *end;
    *step = UINT64_MAX;
    if (strcmp(value, "none") == 0)
        return true;
    if (*value < '0' || *value > '9')
        return false;
    errno = 0;
    *step = strtoull(value, &end, 10);
    return errno == 0 && !*end;
}

static bool parse_time_source(const char *value, enum gp_time_source *source)
{
    static const char *const names[] = {[GP_TIME_AUTO] = "auto",
                                        [GP_TIME_CUPTI] = "cupti",
                                        [GP_TIME_EVENT] = "event",
                                        [GP_TIME_CUPTI_OR_EVENT] = "cupti,event"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(value, names[i]) == 0) {
            *source = (enum gp_time_source)i;
            return true;
        }
    return false;
}

void gp_options_read(void)
{
    for (int i = 0; i < GP_OPTION_COUNT; i++) {
        const char *value = getenv(gp_option_variables[i]);
        options.value[i] = value && *value ? value : defaults[i];
    }
    options.rank = gp_rank_find(getenv);
    if (!expand_out(options.value[GP_OPTION_OUT], options.out, sizeof options.out)) {
        refuse(GP_OPTION_OUT, "the path of a folder, shorter than 4096 bytes");
        if (!expand_out(defaults[GP_OPTION_OUT], options.out, sizeof options.out))
            options.out[0] = '\0';
    }
    if (strcmp(options.value[GP_OPTION_REPORT], "yes") != 0 &&
        strcmp(options.value[GP_OPTION_REPORT], "no") != 0)
        refuse(GP_OPTION_REPORT, "yes or no");
    options.report = strcmp(options.value[GP_OPTION_REPORT], "yes") == 0;

    const char *python = options.value[GP_OPTION_PYTHON];
    if (strcmp(python, "yes") != 0 && strcmp(python, "no") != 0 && strcmp(python, "always") != 0)
        refuse(GP_OPTION_PYTHON, "yes, no or always");

    const char *verbose = options.value[GP_OPTION_VERBOSE];
    if (strlen(verbose) != 1 || verbose[0] < '0' || verbose[0] > '2')
        refuse(GP_OPTION_VERBOSE, "0, 1 or 2");
    options.verbose = options.value[GP_OPTION_VERBOSE][0] - '0';

    if (!parse_step(options.value[GP_OPTION_PROBE], &options.probe_step)) {
        refuse(GP_OPTION_PROBE, "none, or a step's number from 0");
        options.probe_step = UINT64_MAX;
    }

    options.time_source = GP_TIME_AUTO;
    if (!parse_time_source(options.value[GP_OPTION_TIME_SOURCE], &options.time_source))
        refuse(GP_OPTION_TIME_SOURCE, "auto, cupti, event or cupti,event");

    if (!gp_step_filter_steps(options.value[GP_OPTION_STEPS])) {
        refuse(GP_OPTION_STEPS, "auto, all, or numbers and spans as in 2-5,10,100-");
        gp_step_filter_steps(options.value[GP_OPTION_STEPS]);
    }
    if (!gp_step_filter_time_steps(options.value[GP_OPTION_TIMED])) {
        refuse(GP_OPTION_TIMED, "auto, none, all, every:N, or numbers and spans as in 2-5,10,100-");
        gp_step_filter_time_steps(options.value[GP_OPTION_TIMED]);
    }
    if (!gp_step_filter_patterns(options.value[GP_OPTION_STEP])) {
        refuse(GP_OPTION_STEP, "at most 16 patterns with commas between them, under 512 bytes");
        gp_step_filter_patterns(options.value[GP_OPTION_STEP]);
    }
    if (!gp_step_calls_set(options.value[GP_OPTION_STEP_EVERY])) {
        refuse(GP_OPTION_STEP_EVERY, "none, or " GP_CALL_EVERY_EXPECTED);
        gp_step_calls_set(options.value[GP_OPTION_STEP_EVERY]);
    }
    if (gp_step_calls_used())
        gp_step_filter_patterns(""); /* then no range is a step */
}

static const char *file_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Another copy of this library is no other tool: it hands over to the one that began. */
static const char *claim(const char *variable, const char *own_path)
{
    const char *taken = getenv(variable);
    if (!taken || !*taken) {
        if (own_path)
            setenv(variable, own_path, 1);
        return NULL;
    }
    return own_path && strcmp(file_of(taken), file_of(own_path)) == 0 ? NULL : taken;
}

const char *gp_options_claim_nvtx(const char *own_path) { return claim(NVTX_PATH, own_path); }

const char *gp_options_claim_cuda(const char *own_path) { return claim(CUDA_PATH, own_path); }

const char *gp_options_cuda_home(void) { return getenv("CUDA_HOME"); }

char **gp_options_child_environment(void)
{
    static const char *const left_out[] = {"LD_PRELOAD=", NVTX_PATH "=", CUDA_PATH "=",
                                           "GRAPHPROF_"};
    size_t n = 0, kept = 0;
    while (environ && environ[n])
        n++;
    char **copy = calloc(n + 1, sizeof *copy);
    for (size_t i = 0; copy && i < n; i++) {
        bool keep = true;
        for (size_t j = 0; j < sizeof left_out / sizeof left_out[0]; j++)
            keep = keep && strncmp(environ[i], left_out[j], strlen(left_out[j])) != 0;
        if (keep)
            copy[kept++] = environ[i];
    }
    return copy;
}
