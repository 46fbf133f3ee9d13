#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char PREFIX[] = "graphprof: ";

static bool usable;
static atomic_uint said;

void gp_message_start(void) { usable = fcntl(STDERR_FILENO, F_GETFD) >= 0; }

bool gp_message_possible(void) { return usable; }

/* A reader that went away, or a limit on file sizes, must not end the program by a signal. */
static void write_quietly(const char *text, size_t length)
{
    sigset_t deadly, before, pending;
    sigemptyset(&deadly);
    sigaddset(&deadly, SIGPIPE);
    sigaddset(&deadly, SIGXFSZ);
    sigpending(&pending);
    if (pthread_sigmask(SIG_BLOCK, &deadly, &before) != 0)
        return;
    while (length > 0) {
        const ssize_t n = write(STDERR_FILENO, text, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        text += n;
        length -= (size_t)n;
    }
    /* What the write raised is taken back; what the program had pending already stays. */
    const struct timespec now = {0};
    if (sigismember(&pending, SIGPIPE))
        sigdelset(&deadly, SIGPIPE);
    if (sigismember(&pending, SIGXFSZ))
        sigdelset(&deadly, SIGXFSZ);
    while (sigtimedwait(&deadly, NULL, &now) > 0)
        ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void gp_message(const char *format, ...)
{
    const int saved_errno = errno;
    char line[1024];
    va_list arguments;

    if (!usable || atomic_fetch_add_explicit(&said, 1, memory_order_relaxed) >= GP_MESSAGES_MAX)
        return;
    memcpy(line, PREFIX, sizeof PREFIX);
    va_start(arguments, format);
    vsnprintf(line + sizeof PREFIX - 1, sizeof line - sizeof PREFIX, format, arguments);
    va_end(arguments);
    size_t length = strlen(line);
    line[length++] = '\n';
    write_quietly(line, length);
    errno = saved_errno;
}
