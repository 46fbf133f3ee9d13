/*
 * Prints a capture as text, one event a line, so that a shell script can ask of it. A second reader
 * of the format beside analysis/'s: it goes by graphprof/capture_format.h alone, and fails with a
 * line on stderr and exit status 1 at the first thing that is not as the format says. Lines: header
 * closed|open truncated|whole lost=N THREAD alloc API BYTES SPACE ADDRESS   THREAD free API ADDRESS
 * THREAD free_failed ADDRESS THREAD push|start|mark NAME            THREAD pop|end THREAD reset
 *   THREAD call|launch API [KERNEL]        THREAD text KEY VALUE      THREAD repeat NAME
 * --exact, for comparing a whole capture: text lines are left out, and added are threads, devices,
 * samples and the end, the domains of ranges, whether a stream is the default one, and the operands
 * of calls as MODE:NAME(ROLE)=ADDRESS. Addresses are then numbers in the order of the allocations,
 * so that they are the same in every run: #1 is the first, #1+16 lies inside it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphprof/capture_format.h"
#include "graphprof/role.h"
#include "graphprof/short_form.h"

static bool exact;
static char *strings[1 << 20];
static struct {
    uint32_t name;
    unsigned class_id;
    unsigned n_operands;
    struct gp_record_api_operand operands[256];
} apis[1 << 12];

static struct {
    uint64_t first, bytes;
} allocations[1 << 20];
static unsigned n_allocations;

static uint64_t thread_ns[GP_THREADS_MAX];
static struct gp_record_kind kinds[GP_KINDS_MAX];

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void fail(const char *what, uint64_t record)
{
    fflush(stdout);
    fprintf(stderr, "dump_capture: record %" PRIu64 ": %s\n", record, what);
    exit(1);
}

static const char *string(uint32_t id)
{
    return id && id < LENGTH(strings) && strings[id] ? strings[id] : "-";
}
static const char *api_name(uint16_t api)
{
    return api < LENGTH(apis) ? string(apis[api].name) : "-";
}

static void print_address(uint64_t address)
{
    if (!exact) {
        printf("0x%" PRIx64, address);
        return;
    }
    for (unsigned i = n_allocations; i-- > 0;) {
        const uint64_t offset = address - allocations[i].first;
        if (address == allocations[i].first || offset < allocations[i].bytes) {
            printf("#%u", i + 1);
            if (offset)
                printf("+%" PRIu64, offset);
            return;
        }
    }
    printf(address ? "unknown" : "0");
}

static const char *space(unsigned space)
{
    static const char *const names[] = {"-",     "device", "pool",  "managed",
                                        "array", "host",   "block", "physical"};
    return space < LENGTH(names) ? names[space] : "-";
}

static void print_domain(uint32_t domain)
{
    if (exact && domain)
        printf(" in %s", string(domain));
    printf("\n");
}

#define READ(type, record)                                                                         \
    struct type record;                                                                            \
    memcpy(&record, payload, sizeof record)

static void print_memory(enum gp_record_type type, unsigned thread, const void *payload)
{
    uint32_t stream = 0;
    if (type == GP_RECORD_ALLOC) {
        READ(gp_record_alloc, alloc);
        if (n_allocations < LENGTH(allocations)) {
            const bool is_handle = alloc.space == GP_SPACE_PHYSICAL;
            allocations[n_allocations].first = alloc.address;
            allocations[n_allocations++].bytes = is_handle ? 0 : alloc.bytes;
        }
        printf("%u alloc %s %" PRIu64 " %s ", thread, api_name(alloc.api), alloc.bytes,
               space(alloc.space));
        print_address(alloc.address);
        stream = alloc.stream;
    } else if (type == GP_RECORD_FREE) {
        READ(gp_record_free, given);
        printf("%u free %s ", thread, api_name(given.api));
        print_address(given.address);
        stream = given.stream;
    } else {
        READ(gp_record_free_failed, failed);
        printf("%u free_failed ", thread);
        print_address(failed.address);
    }
    printf("%s\n", exact && stream ? " stream" : "");
}

static void print_call(unsigned thread, const void *payload)
{
    static const char *const modes[] = {"?", "R", "W", "A", "S", "T"};
    READ(gp_record_call, call);
    const bool launch = call.api < LENGTH(apis) && apis[call.api].class_id == GP_CLASS_LAUNCH;
    printf("%u %s %s", thread, launch ? "launch" : "call", api_name(call.api));
    if (launch)
        printf(" %s", string(call.aux));
    for (unsigned i = 0; exact && i < call.n_operands; i++) {
        uint64_t address;
        memcpy(&address, (const char *)payload + sizeof call + i * sizeof address, sizeof address);
        if (i < apis[call.api].n_operands) {
            const struct gp_record_api_operand *operand = &apis[call.api].operands[i];
            printf(" %s:%s(%s)=", modes[operand->mode], string(operand->name),
                   gp_role_name(operand->role));
        } else {
            printf(" T=");
        }
        print_address(address);
    }
    printf("\n");
}

static void print_range(enum gp_record_type type, unsigned thread, const void *payload)
{
    if (type == GP_RECORD_RANGE_PUSH || type == GP_RECORD_RANGE_POP) {
        READ(gp_record_range, range);
        if (type == GP_RECORD_RANGE_PUSH)
            printf("%u push %s", thread, string(range.name));
        else
            printf("%u pop", thread);
        print_domain(range.domain);
    } else {
        READ(gp_record_range_start, range);
        if (type == GP_RECORD_RANGE_START)
            printf("%u start %s", thread, string(range.name));
        else
            printf("%u end", thread);
        print_domain(range.domain);
    }
}

/* What only --exact prints. */
static void print_more(enum gp_record_type type, unsigned thread, const void *payload)
{
    switch (type) {
    case GP_RECORD_THREAD:
        printf("%u thread\n", thread);
        break;
    case GP_RECORD_DEVICE: {
        READ(gp_record_device, device);
        printf("%u device %u %s\n", thread, device.device, string(device.name));
        break;
    }
    case GP_RECORD_DETAIL: {
        READ(gp_record_detail, detail);
        printf("%u detail %s\n", thread, detail.on ? "on" : "off");
        break;
    }
    case GP_RECORD_DEVICE_SAMPLE: {
        static const char *const moments[] = {"",
                                              " step begin",
                                              " before first",
                                              " after first",
                                              " before handle",
                                              " after handle",
                                              " before call",
                                              " after call",
                                              " probe"};
        READ(gp_record_device_sample, sample);
        printf("%u sample%s%s%s\n", thread,
               sample.moment < LENGTH(moments) ? moments[sample.moment] : " ?",
               sample.free_bytes != UINT64_MAX ? " driver" : "",
               sample.pool_used_bytes != UINT64_MAX ? " pool" : "");
        break;
    }
    case GP_RECORD_CLOSE:
        printf("%u close\n", thread);
        break;
    default:
        break;
    }
}

static void print(enum gp_record_type type, unsigned thread, const void *payload)
{
    switch (type) {
    case GP_RECORD_TEXT: {
        READ(gp_record_text, text);
        if (!exact)
            printf("%u text %s %s\n", thread, string(text.key), string(text.value));
        break;
    }
    case GP_RECORD_ALLOC:
    case GP_RECORD_FREE:
    case GP_RECORD_FREE_FAILED:
        print_memory(type, thread, payload);
        break;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_POP:
    case GP_RECORD_RANGE_START:
    case GP_RECORD_RANGE_END:
        print_range(type, thread, payload);
        break;
    case GP_RECORD_MAP: {
        READ(gp_record_map, map);
        printf("%u %s %" PRIu64 " ", thread, map.handle ? "map" : "unmap", map.bytes);
        print_address(map.address);
        printf(" of ");
        print_address(map.handle);
        printf("\n");
        break;
    }
    case GP_RECORD_MARK: {
        READ(gp_record_mark, mark);
        printf("%u mark %s", thread, string(mark.name));
        print_domain(mark.domain);
        break;
    }
    case GP_RECORD_CALL:
        print_call(thread, payload);
        break;
    case GP_RECORD_REPEAT: {
        READ(gp_record_repeat, repeat);
        if (repeat.of != GP_REPEAT_WHOLE && repeat.of != GP_REPEAT_OUTLINE)
            printf("%u repeat %s\n", thread, string(repeat.name));
        else if (exact)
            printf("%u step %s\n", thread, repeat.of == GP_REPEAT_WHOLE ? "whole" : "outline");
        break;
    }
    case GP_RECORD_DEVICE_RESET:
        printf("%u reset\n", thread);
        break;
    default:
        if (exact)
            print_more(type, thread, payload);
        break;
    }
}

/* What the record says in long form. */
static const uint64_t *long_form(uint64_t head, const uint64_t *payload, uint64_t number)
{
    static uint64_t whole[GP_SHORT_PAYLOAD_MAX];
    const struct gp_record_kind *kind = &kinds[gp_head_kind(head)];
    if (!gp_head_is_short(head))
        return payload;
    if (kind->type != gp_head_type(head) ||
        !gp_long_form((enum gp_record_type)kind->type, kind->words, payload,
                      gp_head_words(head) - 1, whole))
        fail("a record in short form of no such kind", number);
    return whole;
}

static void note_kind(const void *payload, unsigned words, uint64_t number)
{
    const size_t bytes = (size_t)words * 8;
    struct gp_record_kind kind = {0};
    memcpy(&kind, payload, bytes < sizeof kind ? bytes : sizeof kind);
    if (kind.kind >= GP_KINDS_MAX || kinds[kind.kind].type)
        fail("a kind's number that is too high or was given before", number);
    kinds[kind.kind] = kind;
}

/* Takes in what later records refer to. */
static void note(uint64_t head, const void *payload, uint64_t number)
{
    const uint32_t type = gp_head_type(head), thread = gp_head_thread(head);
    uint64_t absolute;
    memcpy(&absolute, payload, sizeof absolute);
    if (type == GP_RECORD_STRING) {
        READ(gp_record_string, record);
        if (record.id == 0 || (record.id < LENGTH(strings) && strings[record.id]))
            fail("a string id that is 0 or was given before", number);
        if (record.id < LENGTH(strings))
            strings[record.id] = strndup((const char *)payload + sizeof record, record.length);
    } else if (type == GP_RECORD_API) {
        READ(gp_record_api, api);
        if (api.api >= LENGTH(apis) || apis[api.api].name)
            fail("an api number that is too high or was given before", number);
        apis[api.api].name = api.name;
        apis[api.api].class_id = api.class_id;
        apis[api.api].n_operands = api.n_operands;
        memcpy(apis[api.api].operands, (const char *)payload + sizeof api,
               api.n_operands * sizeof apis[0].operands[0]);
    } else if (type == GP_RECORD_KIND) {
        note_kind(payload, gp_head_words(head) - 1, number);
    } else if (type == GP_RECORD_THREAD) {
        thread_ns[thread] = absolute;
    } else if (type == GP_RECORD_TIME) {
        if (absolute < thread_ns[thread])
            fail("a time that goes back", number);
        thread_ns[thread] = absolute;
    }
    if (thread_ns[thread] == 0)
        fail("a thread that no THREAD record has introduced", number);
    thread_ns[thread] += gp_head_delta(head);
}

int main(int argc, char **argv)
{
    exact = argc == 3 && strcmp(argv[1], "--exact") == 0;
    FILE *const file = argc == 2 + exact ? fopen(argv[argc - 1], "rb") : NULL;
    struct gp_capture_header header;
    if (!file || fread(&header, sizeof header, 1, file) != 1 ||
        memcmp(header.magic, GP_CAPTURE_MAGIC, sizeof header.magic) != 0 ||
        header.version < GP_CAPTURE_OLDEST || header.version > GP_CAPTURE_VERSION ||
        fseek(file, (long)header.header_bytes, SEEK_SET) != 0) {
        fprintf(stderr, "dump_capture: %s is no capture\n", file ? argv[argc - 1] : "(no file)");
        return 1;
    }
    printf("header %s %s lost=%" PRIu64 "\n", header.flags & GP_CAPTURE_CLOSED ? "closed" : "open",
           header.flags & GP_CAPTURE_TRUNCATED ? "truncated" : "whole", header.events_lost);
    static uint64_t read[GP_RECORD_WORDS_MAX];
    uint64_t head, number = 0;
    while (fread(&head, sizeof head, 1, file) == 1 && head != 0) {
        const uint32_t words = gp_head_words(head);
        number++;
        if (words < 1 || fread(read, sizeof head, words - 1, file) != words - 1)
            fail("too short, or over the end of the file", number);
        const uint64_t *const payload = long_form(head, read, number);
        note(head, payload, number);
        if (exact && gp_head_type(head) == GP_RECORD_CLOSE && payload[0] != number)
            fail("a CLOSE that counts other records than there are", number);
        print((enum gp_record_type)gp_head_type(head), gp_head_thread(head), payload);
        if (gp_head_type(head) == GP_RECORD_REPEAT) {
            struct gp_record_repeat repeat;
            memcpy(&repeat, payload, sizeof repeat);
            if (fseek(file, repeat.void_words * 8L, SEEK_CUR) != 0)
                fail("words that are void, over the end of the file", number);
        }
    }
    fclose(file);
    return 0;
}
