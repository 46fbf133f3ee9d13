#include "capture_preamble.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "api_table.h"
#include "emit.h"
#include "options.h"

/* The program and its arguments, with spaces between them. */
static void write_command(void)
{
    char command[2048];
    const int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    const ssize_t n = read(fd, command, sizeof command - 1);
    close(fd);
    if (n <= 0)
        return;
    command[n] = '\0';
    gp_emit_text("program", command); /* up to the first NUL */
    for (ssize_t i = 0; i + 1 < n; i++)
        if (command[i] == '\0')
            command[i] = ' ';
    gp_emit_text("command", command);
}

static void write_process(void)
{
    char text[PATH_MAX];
    const time_t now = time(NULL);
    struct tm utc;

    if (gethostname(text, HOST_NAME_MAX) == 0) {
        text[HOST_NAME_MAX] = '\0';
        gp_emit_text("host", text);
    }
    snprintf(text, sizeof text, "%ld", (long)getpid());
    gp_emit_text("pid", text);
    snprintf(text, sizeof text, "%ld", gp_options()->rank.rank);
    gp_emit_text("rank", text);
    if (gp_options()->rank.size) {
        snprintf(text, sizeof text, "%ld", gp_options()->rank.size);
        gp_emit_text("world_size", text);
    }
    if (getcwd(text, sizeof text))
        gp_emit_text("cwd", text);
    if (gmtime_r(&now, &utc) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc))
        gp_emit_text("start", text);
}

void gp_preamble_write(void)
{
    for (unsigned api = GP_API_NONE + 1; api < GP_API_COUNT; api++)
        if (gp_api_rows[api].class_id != GP_CLASS_WATCH)
            gp_emit_api((enum gp_api)api);
    gp_emit_driver_apis();
    write_command();
    write_process();
    for (int i = 0; i < GP_OPTION_COUNT; i++)
        gp_emit_text(gp_option_variables[i], gp_options()->value[i]);
}
