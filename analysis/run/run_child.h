/* Runs the program as a child whose signals and exit status are handed through. */
#ifndef ANALYSIS_RUN_CHILD_H
#define ANALYSIS_RUN_CHILD_H

#include <stddef.h>

/* An environment variable of the child; the parent's own environment stays as it is. */
struct run_setting {
    const char *name;
    const char *value;
};

/*
 * Runs argv (NULL-terminated, searched on PATH) with the settings and waits for its end. While it
 * runs, signals that are sent to this process are sent on to the child; those that a terminal sends
 * reach the child by themselves, as it shares our process group. If the child is stopped, so are
 * we. Signal mask and dispositions are as before on return.
 *
 * Returns 0 and the wait status in *wait_status, or the errno of what kept the program from being
 * started (of execvp, as a rule). One thread only.
 */
int run_child(char **argv, const struct run_setting *settings, size_t n_settings, int *wait_status);

/* Ends this process as the child ended: its exit status, or the same signal without a core. */
_Noreturn void run_child_end_like(int wait_status);

#endif
