#include "run/run_setup.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "graphprof/capture_format.h"
#include "graphprof/out_name.h"
#include "run/run_driver.h"

#define COMMAND "run"

/* A copy of the format's expansion; without memory for it there is nothing left to do. */
static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text(const char *format, ...)
{
    char *made = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&made, format, arguments);
    va_end(arguments);
    if (length < 0) {
        cli_error(COMMAND, "out of memory");
        exit(CLI_FAILED);
    }
    return made;
}

/* The folder that this program lies in: the recorder and softgpu/ lie beside it. */
static char *own_folder(void)
{
    char *path = realpath("/proc/self/exe", NULL);
    if (!path)
        return text(".");
    char *slash = strrchr(path, '/');
    *slash = '\0';
    return path;
}

static int make_folders(const char *path, bool *made)
{
    char *copy = text("%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
            free(copy);
            return -1;
        }
        *slash = '/';
    }
    free(copy);
    *made = mkdir(path, 0777) == 0;
    return *made || errno == EEXIST ? 0 : -1;
}

/* A copy of `path` with `mark` in front of each of the special characters. */
static char *escape(const char *path, const char *special, char mark)
{
    char *escaped = text("%s%s", path, path);
    char *to = escaped;
    for (const char *from = path; *from; from++) {
        if (strchr(special, *from))
            *to++ = mark;
        *to++ = *from;
    }
    *to = '\0';
    return escaped;
}

static bool remove_stale(const char *path)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return true;
    cli_error(COMMAND, "cannot remove '%s' of an earlier run: %s", path, strerror(errno));
    return false;
}

/* Removes all that match the pattern. */
static bool remove_all(const char *pattern)
{
    glob_t found = {0};
    bool removed = true;
    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && removed; i++)
            removed = remove_stale(found.gl_pathv[i]);
    globfree(&found);
    return removed;
}

/* The folder that `-o` means in this process. Ranks that would share one have folders in it: each
   removes what an earlier run left. NULL: the fault was said. */
static char *out_path(const char *asked)
{
    const struct gp_rank rank = gp_rank_find(getenv);
    char path[PATH_MAX];
    if (!*asked || !gp_out_name(asked, &rank, path, sizeof path)) {
        cli_error(COMMAND, "option '-o': expected the name of a folder, found one that is empty or "
                           "too long");
        return NULL;
    }
    return gp_out_name_is_shared(asked, &rank) ? text("%s/" GP_RANK_FORMAT, path, rank.rank)
                                               : text("%s", path);
}

static int prepare_folder(struct run_setup *setup, const char *asked)
{
    char *path = out_path(asked ? asked : "graphprof.%p");
    setup->folder = NULL;
    if (!path)
        return CLI_BAD_INPUT;
    if (make_folders(path, &setup->made_folder) == 0)
        setup->folder = realpath(path, NULL);
    if (!setup->folder || access(setup->folder, W_OK | X_OK) != 0) {
        cli_error(COMMAND, "option '-o': cannot write to the folder '%s': %s", path,
                  strerror(errno));
        free(path);
        return CLI_BAD_INPUT;
    }
    free(path);
    setup->capture = text("%s/" GP_CAPTURE_FILE_NAME, setup->folder);

    const char *escaped = escape(setup->folder, "\\*?[", '\\');
    setup->others = text("%s/capture.*.gpcap", escaped);
    setup->ranks = text("%s/capture.rank_[0-9]*.gpcap", escaped);

    static const char *const folders[] = {"", "device_[0-9]*/", "rank_[0-9]*/",
                                          "rank_[0-9]*/device_[0-9]*/"};
    static const char *const ours[] = {"nodes.csv", "tensors.csv", "summary.json"};
    bool removed = remove_stale(setup->capture) &&
                   remove_stale(text("%s/ranks.csv", setup->folder)) && remove_all(setup->others);
    for (size_t f = 0; f < sizeof folders / sizeof folders[0]; f++)
        for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
            removed = removed && remove_all(text("%s/%s%s", escaped, folders[f], ours[i]));
    return removed ? CLI_DONE : CLI_FAILED;
}

static void set(struct run_setup *setup, const char *name, const char *value)
{
    setup->settings[setup->n_settings++] = (struct run_setting){name, value};
}

/* `first` in front of what the variable holds already. */
static void set_in_front(struct run_setup *setup, const char *name, const char *first)
{
    const char *old = getenv(name);
    set(setup, name, old && *old ? text("%s:%s", first, old) : first);
}

/* Another tool keeps its place; the recorder says so. */
static void set_unless_taken(struct run_setup *setup, const char *name, const char *value)
{
    const char *tool = getenv(name);
    if (!tool || !*tool)
        set(setup, name, value);
}

static int choose_softgpu(struct run_setup *setup, const char *beside, enum run_softgpu softgpu)
{
    if (softgpu == RUN_SOFTGPU_NO || (softgpu == RUN_SOFTGPU_AUTO && run_driver_answers()))
        return CLI_DONE;
    char *folder = text("%s/softgpu", beside);
    if (access(folder, R_OK | X_OK) != 0) {
        cli_error(COMMAND, "%s'%s' is not built (`make` builds it where oneDNN is installed)",
                  softgpu == RUN_SOFTGPU_YES ? "" : "no CUDA driver answers, and ", folder);
        return softgpu == RUN_SOFTGPU_YES ? CLI_BAD_INPUT : CLI_DONE;
    }
    if (softgpu == RUN_SOFTGPU_AUTO)
        cli_error(COMMAND, "no CUDA driver answers: using softgpu, the CPU stand-in, from '%s'",
                  folder);
    set_in_front(setup, "LD_LIBRARY_PATH", folder);
    /* A waiting OpenMP thread spins for some 300,000 rounds by default: with other work on the same
       cores a step then takes many times as long. Read when libgomp is loaded, so set here. */
    if (!getenv("GOMP_SPINCOUNT") && !getenv("OMP_WAIT_POLICY"))
        set(setup, "GOMP_SPINCOUNT", "1000");
    return CLI_DONE;
}

/* Python looks there for a sitecustomize when it starts; to any other program the variable says
   nothing. */
static void name_pytorch(struct run_setup *setup, const char *beside)
{
    const char *wanted = getenv("GRAPHPROF_PYTHON");
    char *folder = text("%s/python", beside);
    if ((!wanted || strcmp(wanted, "no") != 0) && access(folder, R_OK | X_OK) == 0)
        set_in_front(setup, "PYTHONPATH", folder);
}

int run_setup_prepare(struct run_setup *setup, const char *folder, enum run_softgpu softgpu,
                      const char *step_every)
{
    *setup = (struct run_setup){0};
    char *beside = own_folder();
    char *recorder = text("%s/libgraphprof.so", beside);
    if (access(recorder, R_OK) != 0) {
        cli_error(COMMAND, "the recorder '%s' cannot be read: %s", recorder, strerror(errno));
        return CLI_FAILED;
    }
    if (strpbrk(recorder, " :")) {
        cli_error(COMMAND, "LD_PRELOAD cannot hold '%s': no space or colon may be in its path",
                  recorder);
        return CLI_FAILED;
    }
    int status = prepare_folder(setup, folder);
    if (status != CLI_DONE)
        return status;
    set_in_front(setup, "LD_PRELOAD", recorder);
    /* The recorder does so itself, but a library's constructor may use NVTX before that runs, and a
       program may not get LD_PRELOAD. */
    char *real = realpath(recorder, NULL);
    const char *steps = getenv("GRAPHPROF_TIME_STEPS");
    if (real)
        set_unless_taken(setup, "NVTX_INJECTION64_PATH", real);
    if (real && !(steps && strcmp(steps, "none") == 0)) /* then CUPTI is let alone */
        set_unless_taken(setup, "CUDA_INJECTION64_PATH", real);
    /* What was put in for %p, %h and %r stands; what looks like them now is the folder's own name.
     */
    set(setup, "GRAPHPROF_OUT", escape(setup->folder, "%", '%'));
    set(setup, "GRAPHPROF_REPORT", "no");
    name_pytorch(setup, beside);
    if (step_every)
        set(setup, "GRAPHPROF_STEP_EVERY", step_every);
    return choose_softgpu(setup, beside, softgpu);
}
