#include "run/run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int forwarded[] = {SIGHUP,  SIGINT,  SIGQUIT,  SIGTERM, SIGUSR1,
                                SIGUSR2, SIGALRM, SIGWINCH, SIGCONT};

/* The signals that wait_for takes with sigwaitinfo: those that are sent on, and SIGCHLD. */
static void fill_watched(sigset_t *watched)
{
    sigemptyset(watched);
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++)
        sigaddset(watched, forwarded[i]);
    sigaddset(watched, SIGCHLD);
}

static _Noreturn void become(char **argv, const struct run_setting *settings, size_t n_settings,
                             const sigset_t *mask, const struct sigaction *on_child, int report_fd)
{
    sigprocmask(SIG_SETMASK, mask, NULL);
    sigaction(SIGCHLD, on_child, NULL);
    int error = 0;
    for (size_t i = 0; i < n_settings && !error; i++)
        if (setenv(settings[i].name, settings[i].value, 1) != 0)
            error = errno;
    if (!error) {
        execvp(argv[0], argv);
        error = errno;
    }
    /* The write can only fail if the parent is gone; the status then says what there is to say. */
    ssize_t written = write(report_fd, &error, sizeof error);
    _exit(written == (ssize_t)sizeof error ? 127 : 126);
}

/* 0 once the exec has closed the pipe, else the errno that the child wrote into it. */
static int exec_error(int fd)
{
    int error = 0;
    ssize_t n;
    do
        n = read(fd, &error, sizeof error);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof error ? error : 0;
}

/* True when the child has ended; takes a stop of the child as a request to stop as well. */
static bool child_ended(pid_t child, int *wait_status)
{
    for (;;) {
        pid_t changed = waitpid(child, wait_status, WNOHANG | WUNTRACED);
        if (changed < 0 && errno == EINTR)
            continue;
        if (changed <= 0)
            return false;
        if (!WIFSTOPPED(*wait_status))
            return true;
        raise(SIGSTOP);
    }
}

static void wait_for(pid_t child, const sigset_t *watched, int *wait_status)
{
    while (!child_ended(child, wait_status)) {
        siginfo_t info;
        int signal_number = sigwaitinfo(watched, &info);
        if (signal_number <= 0 || signal_number == SIGCHLD)
            continue;
        bool from_process = info.si_code <= 0; /* SI_USER, SI_QUEUE, SI_TKILL */
        if (from_process || signal_number == SIGCONT)
            kill(child, signal_number);
    }
    /* What came while the child was ending was meant for it. */
    const struct timespec now = {0};
    while (sigtimedwait(watched, NULL, &now) > 0)
        ;
}

int run_child(char **argv, const struct run_setting *settings, size_t n_settings, int *wait_status)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;

    sigset_t watched;
    sigset_t mask_before;
    struct sigaction on_child_before;
    const struct sigaction on_child = {.sa_handler =
                                           SIG_DFL}; /* an ignored SIGCHLD eats children */
    fill_watched(&watched);
    sigprocmask(SIG_BLOCK, &watched, &mask_before);
    sigaction(SIGCHLD, &on_child, &on_child_before);

    int error = 0;
    pid_t child = fork();
    if (child == 0)
        become(argv, settings, n_settings, &mask_before, &on_child_before, report[1]);
    if (child < 0)
        error = errno;
    close(report[1]);
    if (child > 0) {
        error = exec_error(report[0]);
        wait_for(child, &watched, wait_status);
    }
    close(report[0]);
    sigaction(SIGCHLD, &on_child_before, NULL);
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    return error;
}

void run_child_end_like(int wait_status)
{
    if (!WIFSIGNALED(wait_status))
        exit(WEXITSTATUS(wait_status));
    int signal_number = WTERMSIG(wait_status);
    const struct rlimit no_core = {0, 0}; /* the child's core is the one that tells something */
    setrlimit(RLIMIT_CORE, &no_core);
    signal(signal_number, SIG_DFL);
    sigset_t this_one;
    sigemptyset(&this_one);
    sigaddset(&this_one, signal_number);
    sigprocmask(SIG_UNBLOCK, &this_one, NULL);
    raise(signal_number);
    exit(128 + signal_number); /* a signal that does not end a process */
}
