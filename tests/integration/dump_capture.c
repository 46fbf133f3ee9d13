/*
 * Prints a capture as text, one event a line, so that a shell script can ask of it. A second reader
 * of the format beside analysis/'s: it goes by graphprof/capture_format.h alone. Lines:
 *   header closed|open truncated|whole lost=N
 *   THREAD alloc API BYTES SPACE ADDRESS      THREAD free API ADDRESS      THREAD free_failed
 * ADDRESS THREAD push|start|mark NAME               THREAD pop|end THREAD call|launch API [KERNEL]
 * THREAD text KEY VALUE        THREAD reset A call's operands are not printed. Exit status 1 if the
 * file is no capture.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphprof/capture_format.h"

static char *strings[1 << 16];
static struct {
    uint32_t name;
    unsigned class_id;
} apis[1 << 16];

static const char *string(uint32_t id)
{
    return id && id < sizeof strings / sizeof strings[0] && strings[id] ? strings[id] : "-";
}

static void note_string(const void *payload)
{
    struct gp_record_string record;
    memcpy(&record, payload, sizeof record);
    if (record.id < sizeof strings / sizeof strings[0])
        strings[record.id] = strndup((const char *)payload + sizeof record, (size_t)record.length);
}

static const char *space(unsigned space)
{
    static const char *const names[] = {"-", "device", "pool", "managed", "array", "host"};
    return space < sizeof names / sizeof names[0] ? names[space] : "-";
}

#define READ(type, record)                                                                         \
    struct type record;                                                                            \
    memcpy(&record, payload, sizeof record)

static void print_memory(enum gp_record_type type, unsigned thread, const void *payload)
{
    if (type == GP_RECORD_ALLOC) {
        READ(gp_record_alloc, alloc);
        printf("%u alloc %s %" PRIu64 " %s 0x%" PRIx64 "\n", thread, string(apis[alloc.api].name),
               alloc.bytes, space(alloc.space), alloc.address);
    } else if (type == GP_RECORD_FREE) {
        READ(gp_record_free, given);
        printf("%u free %s 0x%" PRIx64 "\n", thread, string(apis[given.api].name), given.address);
    } else {
        READ(gp_record_free_failed, failed);
        printf("%u free_failed 0x%" PRIx64 "\n", thread, failed.address);
    }
}

static void print(enum gp_record_type type, unsigned thread, const void *payload)
{
    switch (type) {
    case GP_RECORD_STRING:
        note_string(payload);
        break;
    case GP_RECORD_API: {
        READ(gp_record_api, api);
        apis[api.api].name = api.name;
        apis[api.api].class_id = api.class_id;
        break;
    }
    case GP_RECORD_TEXT: {
        READ(gp_record_text, text);
        printf("%u text %s %s\n", thread, string(text.key), string(text.value));
        break;
    }
    case GP_RECORD_ALLOC:
    case GP_RECORD_FREE:
    case GP_RECORD_FREE_FAILED:
        print_memory(type, thread, payload);
        break;
    case GP_RECORD_RANGE_PUSH: {
        READ(gp_record_range, range);
        printf("%u push %s\n", thread, string(range.name));
        break;
    }
    case GP_RECORD_RANGE_POP:
        printf("%u pop\n", thread);
        break;
    case GP_RECORD_RANGE_START: {
        READ(gp_record_range_start, range);
        printf("%u start %s\n", thread, string(range.name));
        break;
    }
    case GP_RECORD_RANGE_END:
        printf("%u end\n", thread);
        break;
    case GP_RECORD_MARK: {
        READ(gp_record_mark, mark);
        printf("%u mark %s\n", thread, string(mark.name));
        break;
    }
    case GP_RECORD_CALL: {
        READ(gp_record_call, call);
        const int launch = apis[call.api].class_id == GP_CLASS_LAUNCH;
        printf("%u %s %s%s%s\n", thread, launch ? "launch" : "call", string(apis[call.api].name),
               launch ? " " : "", launch ? string(call.aux) : "");
        break;
    }
    case GP_RECORD_DEVICE_RESET:
        printf("%u reset\n", thread);
        break;
    default:
        break;
    }
}

int main(int argc, char **argv)
{
    FILE *const file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    struct gp_capture_header header;
    if (!file || fread(&header, sizeof header, 1, file) != 1 ||
        memcmp(header.magic, GP_CAPTURE_MAGIC, sizeof header.magic) != 0 ||
        header.version != GP_CAPTURE_VERSION ||
        fseek(file, (long)header.header_bytes, SEEK_SET) != 0) {
        fprintf(stderr, "dump_capture: %s is no capture\n", argc == 2 ? argv[1] : "(no file)");
        return 1;
    }
    printf("header %s %s lost=%" PRIu64 "\n", header.flags & GP_CAPTURE_CLOSED ? "closed" : "open",
           header.flags & GP_CAPTURE_TRUNCATED ? "truncated" : "whole", header.events_lost);
    static uint64_t payload[GP_RECORD_WORDS_MAX];
    uint64_t head;
    while (fread(&head, sizeof head, 1, file) == 1 && head != 0) {
        const uint32_t words = gp_head_words(head);
        if (words == 0 || fread(payload, sizeof head, words - 1, file) != words - 1)
            break;
        print((enum gp_record_type)gp_head_type(head), gp_head_thread(head), payload);
    }
    fclose(file);
    return 0;
}
