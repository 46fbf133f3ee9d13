/*
 * What the recorder has to say: one line on stderr, "graphprof: ...". At most
 * GP_MESSAGES_MAX lines a process, nothing if stderr was closed when the process began (another
 * file may have its number by then). Any thread; keeps errno; raises no signal.
 */
#ifndef GRAPHPROF_MESSAGE_H
#define GRAPHPROF_MESSAGE_H

#define GP_MESSAGES_MAX 20

#include <stdbool.h>

/* To be called once, before any message. */
void gp_message_start(void);

/* Whether stderr was open then. */
bool gp_message_possible(void);

void gp_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
