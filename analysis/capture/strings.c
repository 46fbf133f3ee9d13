#include "capture/strings.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"

struct string_by_text {
    uint32_t id;
    char *text; /* the entry's */
    UT_hash_handle hh;
};

void strings_add(struct strings *strings, uint32_t id, const char *text, size_t bytes)
{
    ARRAY_RESERVE(strings->entries, strings->capacity, (size_t)id + 1);
    if (strings->n_entries <= id)
        strings->n_entries = (size_t)id + 1;
    struct string_entry *entry = &strings->entries[id];
    if (entry->text)
        return;
    entry->text = memory_zeroed(bytes + 1, 1);
    for (size_t i = 0; i < bytes; i++) {
        unsigned char byte = (unsigned char)text[i];
        entry->text[i] = byte < ' ' || byte == 127 ? ' ' : text[i];
    }

    struct string_by_text *same = NULL;
    HASH_FIND(hh, strings->by_text, entry->text, bytes, same);
    if (!same) {
        same = memory_zeroed(1, sizeof *same);
        same->id = id;
        same->text = entry->text;
        HASH_ADD_KEYPTR(hh, strings->by_text, same->text, bytes, same);
    }
    entry->canonical = same->id;
}

const char *strings_text(const struct strings *strings, uint32_t id)
{
    if (id == 0)
        return "";
    if (id >= strings->n_entries || !strings->entries[id].text)
        return "?";
    return strings->entries[id].text;
}

uint32_t strings_canonical(const struct strings *strings, uint32_t id)
{
    if (id >= strings->n_entries || !strings->entries[id].text)
        return id;
    return strings->entries[id].canonical;
}

void strings_free(struct strings *strings)
{
    TABLE_FREE(struct string_by_text, strings->by_text);
    for (size_t i = 0; i < strings->n_entries; i++)
        free(strings->entries[i].text);
    free(strings->entries);
    memset(strings, 0, sizeof *strings);
}
