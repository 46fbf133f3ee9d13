/*
 * Prints a capture, a record a line, with names in place of ids and nothing that differs from run
 * to run: addresses are numbered in the order in which they first appear (an address inside an
 * allocation as a1+offset), threads by their index, times not at all. Checks the format on the way:
 * exit 1 and a line on stderr at the first thing that is not as capture_format.h says.
 *
 * usage: dump_capture [--all] FILE     --all: the table of functions and facts as well
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graphprof/capture_format.h"
#include "graphprof/role.h"

#define IDS_MAX       200000
#define ADDRESSES_MAX 100000

static const struct gp_capture_header *header;
static const char *strings[IDS_MAX];
static const struct gp_record_api *apis[65536];
static struct {
    uint64_t first, bytes;
    unsigned number;
} known[ADDRESSES_MAX];
static unsigned n_known, n_numbers;
static uint64_t thread_ns[GP_THREADS_MAX];

static void fail(uint64_t at, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "dump_capture: byte %" PRIu64 ": %s\n", at, what);
    exit(1);
}

static const char *text(uint32_t id)
{
    if (id == 0)
        return "-";
    return id < IDS_MAX && strings[id] ? strings[id] : "(unknown string)";
}

static const char *const modes[] = {"?", "R", "W", "A", "S", "T"};
static const char *const spaces[] = {"?", "device", "pool", "managed", "array", "host"};

static void print_address(uint64_t address)
{
    if (address == 0) {
        printf("0");
        return;
    }
    for (unsigned i = n_known; i-- > 0;) {
        if (address == known[i].first) {
            printf("a%u", known[i].number);
            return;
        }
        if (address > known[i].first && address < known[i].first + known[i].bytes) {
            printf("a%u+%" PRIu64, known[i].number, address - known[i].first);
            return;
        }
    }
    printf("?");
}

static void learn(uint64_t address, uint64_t bytes)
{
    if (n_known == ADDRESSES_MAX)
        fail(0, "too many allocations for this tool");
    known[n_known].first = address;
    known[n_known].bytes = bytes;
    known[n_known++].number = ++n_numbers;
}

static const char *api_name(uint16_t api)
{
    return apis[api] ? text(apis[api]->name) : "(unknown api)";
}

static void print_call(const void *payload)
{
    const struct gp_record_call *call = payload;
    const uint64_t *addresses = (const uint64_t *)(call + 1);
    const struct gp_record_api *api = apis[call->api];
    const struct gp_record_api_operand *operands =
        api ? (const struct gp_record_api_operand *)(api + 1) : NULL;
    printf("call %s", api_name(call->api));
    if (call->aux)
        printf(" <%s>", text(call->aux));
    for (unsigned i = 0; i < call->n_operands; i++) {
        if (api && i < api->n_operands)
            printf(" %s:%s(%s)=", modes[operands[i].mode], text(operands[i].name),
                   gp_role_name(operands[i].role));
        else
            printf(" T=");
        print_address(addresses[i]);
    }
    printf("\n");
}

static void print_api(const void *payload)
{
    const struct gp_record_api *api = payload;
    const struct gp_record_api_operand *operands = (const struct gp_record_api_operand *)(api + 1);
    printf("api %s class %u", text(api->name), api->class_id);
    for (unsigned i = 0; i < api->n_operands; i++)
        printf(" %s:%s(%s)", modes[operands[i].mode], text(operands[i].name),
               gp_role_name(operands[i].role));
    printf("\n");
}

static void print_record(uint32_t type, const void *payload)
{
    switch (type) {
    case GP_RECORD_THREAD:
        printf("thread\n");
        break;
    case GP_RECORD_TIME:
        printf("time\n");
        break;
    case GP_RECORD_API:
        print_api(payload);
        break;
    case GP_RECORD_TEXT: {
        const struct gp_record_text *r = payload;
        printf("text %s = %s\n", text(r->key), text(r->value));
        break;
    }
    case GP_RECORD_DEVICE: {
        const struct gp_record_device *r = payload;
        printf("device %u %s\n", r->device, text(r->name));
        break;
    }
    case GP_RECORD_ALLOC: {
        const struct gp_record_alloc *r = payload;
        learn(r->address, r->bytes);
        printf("alloc ");
        print_address(r->address);
        printf(" %" PRIu64 " %s %s device %u%s\n", r->bytes, spaces[r->space], api_name(r->api),
               r->device, r->stream ? " stream" : "");
        break;
    }
    case GP_RECORD_FREE: {
        const struct gp_record_free *r = payload;
        printf("free ");
        print_address(r->address);
        printf(" %s%s\n", api_name(r->api), r->stream ? " stream" : "");
        break;
    }
    case GP_RECORD_FREE_FAILED: {
        const struct gp_record_free_failed *r = payload;
        printf("free failed ");
        print_address(r->address);
        printf("\n");
        break;
    }
    case GP_RECORD_RANGE_PUSH: {
        const struct gp_record_range *r = payload;
        printf("push %s%s%s\n", text(r->name), r->domain ? " in " : "",
               r->domain ? text(r->domain) : "");
        break;
    }
    case GP_RECORD_RANGE_POP: {
        const struct gp_record_range *r = payload;
        printf("pop%s%s\n", r->domain ? " in " : "", r->domain ? text(r->domain) : "");
        break;
    }
    case GP_RECORD_RANGE_START: {
        const struct gp_record_range_start *r = payload;
        printf("start %" PRIu64 " %s%s%s\n", r->range, text(r->name), r->domain ? " in " : "",
               r->domain ? text(r->domain) : "");
        break;
    }
    case GP_RECORD_RANGE_END: {
        const struct gp_record_range_start *r = payload;
        printf("end %" PRIu64 "%s%s\n", r->range, r->domain ? " in " : "",
               r->domain ? text(r->domain) : "");
        break;
    }
    case GP_RECORD_MARK: {
        const struct gp_record_mark *r = payload;
        printf("mark %s%s%s\n", text(r->name), r->domain ? " in " : "",
               r->domain ? text(r->domain) : "");
        break;
    }
    case GP_RECORD_CALL:
        print_call(payload);
        break;
    case GP_RECORD_DEVICE_RESET:
        printf("device reset\n");
        break;
    case GP_RECORD_DETAIL:
        printf("detail %s\n", ((const struct gp_record_detail *)payload)->on ? "on" : "off");
        break;
    case GP_RECORD_DEVICE_SAMPLE: {
        const struct gp_record_device_sample *r = payload;
        printf("sample%s%s\n", r->free_bytes != UINT64_MAX ? " driver" : "",
               r->pool_used_bytes != UINT64_MAX ? " pool" : "");
        break;
    }
    case GP_RECORD_CLOSE:
        printf("close\n");
        break;
    default:
        printf("type %u\n", type);
        break;
    }
}

/* Takes in what later records refer to. Returns whether the record belongs to the preamble. */
static bool note(uint32_t type, const void *payload, uint64_t at)
{
    switch (type) {
    case GP_RECORD_STRING: {
        const struct gp_record_string *r = payload;
        if (r->id == 0 || r->id >= IDS_MAX || strings[r->id])
            fail(at, "a string id that is 0, given twice, or too high");
        strings[r->id] = strndup((const char *)(r + 1), r->length);
        return true;
    }
    case GP_RECORD_API: {
        const struct gp_record_api *r = payload;
        if (apis[r->api])
            fail(at, "an api number that was given before");
        apis[r->api] = r;
        return true;
    }
    default:
        return type == GP_RECORD_TEXT;
    }
}

/* The thread's clock goes forward, and every thread is introduced first. */
static void check_time(uint64_t head, const void *payload, uint64_t at)
{
    const uint32_t type = gp_head_type(head), thread = gp_head_thread(head);
    const uint64_t absolute = *(const uint64_t *)payload;
    if (type == GP_RECORD_THREAD) {
        thread_ns[thread] = absolute;
        return;
    }
    if (thread_ns[thread] == 0)
        fail(at, "a record of a thread that no THREAD record has named");
    if (type == GP_RECORD_TIME) {
        if (absolute < thread_ns[thread])
            fail(at, "a time that goes back");
        thread_ns[thread] = absolute;
    }
    thread_ns[thread] += gp_head_delta(head);
}

int main(int argc, char **argv)
{
    const bool all = argc == 3 && strcmp(argv[1], "--all") == 0;
    if (argc != 2 + all) {
        fprintf(stderr, "usage: dump_capture [--all] FILE\n");
        return 2;
    }
    const int fd = open(argv[argc - 1], O_RDONLY);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 || (size_t)status.st_size < sizeof *header) {
        fprintf(stderr, "dump_capture: cannot read '%s'\n", argv[argc - 1]);
        return 1;
    }
    const uint64_t size = (uint64_t)status.st_size;
    const unsigned char *base = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    header = (const void *)base;
    if (base == MAP_FAILED || memcmp(header->magic, GP_CAPTURE_MAGIC, sizeof header->magic) != 0 ||
        header->version != GP_CAPTURE_VERSION)
        fail(0, "not a capture of this version");
    uint64_t at = header->header_bytes, records = 0, closed = 0;
    while (at + sizeof(uint64_t) <= size) {
        const uint64_t head = *(const uint64_t *)(base + at);
        const uint64_t bytes = gp_head_words(head) * sizeof(uint64_t);
        const void *payload = base + at + sizeof(uint64_t);
        if (head == 0)
            break;
        if (bytes < 2 * sizeof(uint64_t) || at + bytes > size)
            fail(at, "a record that is too short or runs over the end of the file");
        records++;
        check_time(head, payload, at);
        const bool preamble = note(gp_head_type(head), payload, at);
        if (gp_head_type(head) == GP_RECORD_CLOSE)
            closed = ((const struct gp_record_close *)payload)->records;
        if ((all || !preamble) && gp_head_type(head) != GP_RECORD_STRING) {
            printf("%u ", gp_head_thread(head));
            print_record(gp_head_type(head), payload);
        }
        at += bytes;
    }
    printf("%s%s%" PRIu64 " lost\n", header->flags & GP_CAPTURE_CLOSED ? "closed, " : "",
           header->flags & GP_CAPTURE_TRUNCATED ? "truncated, " : "", header->events_lost);
    if (closed && closed != records)
        fail(at, "the CLOSE record counts other records than there are");
    return 0;
}
