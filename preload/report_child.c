#include "report_child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graphprof/capture_format.h"
#include "message.h"
#include "options.h"

#define COMMAND "graphprof"

static int arrange_files(posix_spawn_file_actions_t *files)
{
    int error = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error && !gp_message_possible())
        error = posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(files, STDERR_FILENO, STDOUT_FILENO);
    return error;
}

/* The child begins with no signal blocked or ignored, whatever the program does with its own. */
static int arrange_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    if (!error)
        error =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return error;
}

static int spawn(const char *path, const char *capture, const char *folder, char **environment,
                 pid_t *pid)
{
    char *arguments[] = {COMMAND, "report", (char *)capture, "-o", (char *)folder, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;

    int error = posix_spawn_file_actions_init(&files);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = arrange_files(&files);
        if (!error)
            error = arrange_signals(&attributes);
        if (!error)
            error = posix_spawnp(pid, path, &files, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

bool gp_report_folder(const char *capture, char *folder, size_t size)
{
    static const char front[] = "/capture.", end[] = ".gpcap";
    const char *slash = strrchr(capture, '/');
    if (!slash)
        return false;
    const char *own = slash + strlen(front);
    const size_t length = strlen(slash);
    const int above = (int)(slash - capture);
    int n;
    if (strcmp(slash + 1, GP_CAPTURE_FILE_NAME) == 0 || length <= strlen(front) + strlen(end))
        n = snprintf(folder, size, "%.*s", above, capture);
    else
        n = snprintf(folder, size, "%.*s/%.*s", above, capture,
                     (int)(length - strlen(front) - strlen(end)), own);
    return n >= 0 && (size_t)n < size;
}

void gp_report_child(const char *capture, const char *folder, const char *own_path)
{
    char path[PATH_MAX] = COMMAND; /* no slash: looked for on PATH */
    const char *slash = strrchr(own_path, '/');
    pid_t pid;

    if (slash && (size_t)(slash - own_path) + sizeof "/" COMMAND <= sizeof path) {
        snprintf(path, sizeof path, "%.*s/" COMMAND, (int)(slash - own_path), own_path);
        if (access(path, X_OK) != 0)
            snprintf(path, sizeof path, COMMAND);
    }
    char **environment = gp_options_child_environment();
    const int error = environment ? spawn(path, capture, folder, environment, &pid) : ENOMEM;
    free(environment);
    if (error) {
        gp_message("cannot run '%s': %s; later: graphprof report '%s' -o '%s'", path,
                   strerror(error), capture, folder);
        return;
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
