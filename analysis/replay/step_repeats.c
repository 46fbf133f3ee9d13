#include "replay/step_repeats.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"

#define NAME_BYTES_MAX 256

struct step_repeat {
    char name[NAME_BYTES_MAX];
    uint64_t count;
    uint64_t ns;
    size_t depth;
    UT_hash_handle hh;
};

static void without_numbers(const char *name, char *text)
{
    size_t n = 0;
    while (*name && n < NAME_BYTES_MAX - 1) {
        if (isdigit((unsigned char)*name)) {
            while (isdigit((unsigned char)*name))
                name++;
            text[n++] = '#';
        } else {
            text[n++] = *name++;
        }
    }
    text[n] = '\0';
}

void step_repeats_add(struct step_repeat **repeats, const struct facts *facts, uint32_t name,
                      size_t depth, uint64_t ns)
{
    char text[NAME_BYTES_MAX];
    without_numbers(strings_text(&facts->strings, name), text);
    struct step_repeat *repeat = NULL;
    HASH_FIND_STR(*repeats, text, repeat);
    if (!repeat) {
        repeat = memory_zeroed(1, sizeof *repeat);
        memcpy(repeat->name, text, strlen(text) + 1);
        repeat->depth = depth;
        HASH_ADD_STR(*repeats, name, repeat);
    }
    repeat->count++;
    repeat->ns += ns;
    if (depth < repeat->depth)
        repeat->depth = depth;
}

char *step_repeats_outermost(struct step_repeat *repeats)
{
    const struct step_repeat *best = NULL;
    for (const struct step_repeat *r = repeats; r; r = r->hh.next)
        if (r->count >= 2 &&
            (!best || r->depth < best->depth || (r->depth == best->depth && r->ns > best->ns)))
            best = r;
    return best ? strdup(best->name) : NULL;
}

bool step_repeats_same_name(const char *name, const char *repeated)
{
    char text[NAME_BYTES_MAX];
    without_numbers(name, text);
    return strcmp(text, repeated) == 0;
}

void step_repeats_free(struct step_repeat **repeats) { TABLE_FREE(struct step_repeat, *repeats); }
