/* For unit tests: a capture of this process in a folder of its own, and what was written to it. */
#ifndef TESTS_PRELOAD_RECORDER_H
#define TESTS_PRELOAD_RECORDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "depth.h"
#include "options.h"
#include "temporary.h"
#include "threads.h"
#include "walk.h"

static uint64_t read_up_to;

/* A group's setup: opens the capture. */
static int recorder_start(void **state)
{
    if (temporary_make(state) != 0)
        return -1;
    setenv("GRAPHPROF_OUT", temporary, 1);
    gp_options_read();
    gp_threads_start();
    return gp_capture_ready() ? 0 : -1;
}

static int recorder_stop(void **state) { return gp_capture_close() ? temporary_remove(state) : -1; }

/* Takes the records that were written since the last time. */
static inline void recorder_read(walk_fn *take, void *data)
{
    read_up_to = walk(gp_writer.base, gp_writer.mapped, read_up_to, take, data);
}

/* What `take` appends to `line`, which is empty before, of those records. */
static inline const char *recorder_line(char *line, walk_fn *take)
{
    line[0] = '\0';
    recorder_read(take, NULL);
    return line;
}

/* A STRING record's text goes to its id's place. */
static inline void recorder_keep_text(const char **texts, const void *payload)
{
    const struct gp_record_string *string = payload;
    texts[string->id] = strndup((const char *)(string + 1), string->length);
}

static inline void recorder_ignore(uint64_t head, const void *payload, void *data)
{
    (void)head;
    (void)payload;
    (void)data;
}
static inline void recorder_skip(void) { recorder_read(recorder_ignore, NULL); }

#endif
