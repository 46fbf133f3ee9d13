#include "capture/dump.h"

#include <inttypes.h>

#include "capture/address_lists.h"
#include "graphprof/role.h"

static const char *const type_names[256] = {
#define GP_RECORD(id, number, words) [number] = #id,
#include "graphprof/records.def"
#undef GP_RECORD
};

static const char *space_name(unsigned space)
{
    static const char *const names[] = {"?",    "device", "pool",  "managed", "array",
                                        "host", "block",  "graph", "physical"};
    return names[space < sizeof names / sizeof names[0] ? space : 0];
}

static const char *class_name(unsigned class_id)
{
    static const char *const names[] = {"?",    "alloc", "free", "launch", "compute",
                                        "copy", "sync",  "call", "library"};
    return names[class_id < sizeof names / sizeof names[0] ? class_id : 0];
}

static const char *mode_name(unsigned mode)
{
    static const char *const names[] = {"?", "R", "W", "A", "S", "T"};
    return names[mode < sizeof names / sizeof names[0] ? mode : 0];
}

static void put_quoted(FILE *to, const char *key, const char *text)
{
    fprintf(to, " %s=\"", key);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', to);
        putc(*text, to);
    }
    putc('"', to);
}

static void put_name(FILE *to, const struct facts *facts, const char *key, uint32_t id)
{
    put_quoted(to, key, strings_text(&facts->strings, id));
}

static void put_api(FILE *to, const struct facts *facts, uint32_t api)
{
    put_quoted(to, "api", strings_text(&facts->strings, facts_api(facts, api)->name));
}

static void put_api_row(FILE *to, const struct facts *facts, const struct gp_record_api *api)
{
    const struct gp_record_api_operand *operand = (const void *)(api + 1);
    fprintf(to, " number=%u class=%s", api->api, class_name(api->class_id));
    put_name(to, facts, "name", api->name);
    for (unsigned i = 0; i < api->n_operands; i++)
        fprintf(to, " %s(%s,%s)", mode_name(operand[i].mode),
                strings_text(&facts->strings, operand[i].name), gp_role_name(operand[i].role));
}

static void put_call(FILE *to, const struct facts *facts, const struct gp_record_call *call)
{
    const uint64_t *operands = (const void *)(call + 1);
    put_api(to, facts, call->api);
    if (call->aux)
        put_name(to, facts, "kernel", call->aux);
    for (unsigned i = 0; i < call->n_operands; i++)
        fprintf(to, " 0x%" PRIx64, operands[i]);
}

static void put_sample(FILE *to, const struct capture_event *event)
{
    static const char *const moments[] = {
        "step_end",     "step_begin",  "before_first", "after_first", "before_handle",
        "after_handle", "before_call", "after_call",   "probe",       "?"};
    static const char *const scopes[] = {"none", "process", "device", "?"};
    enum {
        N_MOMENTS = sizeof moments / sizeof moments[0] - 1
    };
    const struct gp_record_device_sample whole = capture_sample(event), *const sample = &whole;
    fprintf(to,
            " device=%u moment=%s free=%" PRId64 " total=%" PRId64 " pool_used=%" PRId64
            " pool_used_high=%" PRId64 " pool_reserved=%" PRId64 " pool_reserved_high=%" PRId64
            " nvml_used=%" PRId64 " nvml_scope=%s",
            sample->device, moments[sample->moment < N_MOMENTS ? sample->moment : N_MOMENTS],
            (int64_t)sample->free_bytes, (int64_t)sample->total_bytes,
            (int64_t)sample->pool_used_bytes, (int64_t)sample->pool_used_high_bytes,
            (int64_t)sample->pool_reserved_bytes, (int64_t)sample->pool_reserved_high_bytes,
            (int64_t)sample->nvml_used_bytes,
            scopes[sample->nvml_scope < 3 ? sample->nvml_scope : 3]);
}

static void put_memory(FILE *to, const struct facts *facts, const struct capture_event *event)
{
    const void *payload = event->payload;
    if (event->type == GP_RECORD_ALLOC) {
        const struct gp_record_alloc *alloc = payload;
        fprintf(to, " address=0x%" PRIx64 " bytes=%" PRIu64 " device=%u space=%s stream=%u",
                alloc->address, alloc->bytes, alloc->device, space_name(alloc->space),
                alloc->stream);
        put_api(to, facts, alloc->api);
    } else if (event->type == GP_RECORD_FREE) {
        const struct gp_record_free *gone = payload;
        fprintf(to, " address=0x%" PRIx64 " device=%u space=%s stream=%u", gone->address,
                gone->device, space_name(gone->space), gone->stream);
        put_api(to, facts, gone->api);
    } else if (event->type == GP_RECORD_MAP) {
        const struct gp_record_map *map = payload;
        fprintf(to, " address=0x%" PRIx64 " bytes=%" PRIu64 " handle=0x%" PRIx64, map->address,
                map->bytes, map->handle);
    } else if (event->type == GP_RECORD_FREE_FAILED) {
        fprintf(to, " address=0x%" PRIx64, event->payload[0]);
    } else {
        fprintf(to, " device=%" PRIu64, event->payload[0]);
    }
}

static void put_range(FILE *to, const struct facts *facts, const struct capture_event *event)
{
    const struct gp_record_range *range = (const void *)event->payload;
    const struct gp_record_range_start *started = (const void *)event->payload;
    bool has_id = event->type == GP_RECORD_RANGE_START || event->type == GP_RECORD_RANGE_END;
    uint32_t name = has_id ? started->name : range->name;
    uint32_t domain = has_id ? started->domain : range->domain;
    if (has_id)
        fprintf(to, " range=%" PRIu64, started->range);
    if (name)
        put_name(to, facts, "name", name);
    if (domain)
        put_name(to, facts, "domain", domain);
}

static void put_graph(FILE *to, const struct facts *facts, const struct capture_event *event)
{
    static const char *const whats[] = {"?",         "created",      "capture",  "capture_into",
                                        "captured",  "instantiated", "launched", "nested",
                                        "exec_ends", "ends"};
    const void *payload = event->payload;
    if (event->type == GP_RECORD_GRAPH) {
        const struct gp_record_graph *graph = payload;
        fprintf(to, " what=%s graph=0x%" PRIx64 " exec=0x%" PRIx64 " flags=%u",
                whats[graph->what < sizeof whats / sizeof whats[0] ? graph->what : 0], graph->graph,
                graph->exec, graph->flags);
    } else if (event->type == GP_RECORD_GRAPH_MEMORY) {
        const struct gp_record_graph_memory *memory = payload;
        fprintf(to, " graph=0x%" PRIx64 " address=0x%" PRIx64 " bytes=%" PRIu64 " device=%u",
                memory->graph, memory->address, memory->bytes, memory->device);
        put_api(to, facts, memory->api);
    } else {
        const struct gp_record_graph_node *node = payload;
        fprintf(to, " node=%" PRIu64 " original=%" PRIu64 " graph=0x%" PRIx64 " correlation=%u",
                node->node, node->original, node->graph, node->correlation);
    }
}

static void put_gpu(FILE *to, const struct facts *facts, const struct capture_event *event)
{
    static const char *const works[] = {"?", "kernel", "copy", "fill"};
    const void *payload = event->payload;
    if (event->type == GP_RECORD_TIMED) {
        const struct gp_record_timed *timed = payload;
        fprintf(to, " on=%" PRIu64 " gpu_clock_ns=%" PRIu64, timed->on, timed->gpu_clock_ns);
    } else if (event->type == GP_RECORD_CORRELATION) {
        const struct gp_record_correlation *submitted = payload;
        fprintf(to, " correlation=%u work=%s", submitted->correlation,
                works[submitted->work < 4 ? submitted->work : 0]);
    } else if (event->type == GP_RECORD_KERNEL) {
        const struct gp_record_kernel whole = capture_kernel(event), *const kernel = &whole;
        fprintf(to,
                " correlation=%u start_ns=%" PRIu64 " end_ns=%" PRIu64
                " stream=%u work=%s device=%u",
                kernel->correlation, kernel->start_ns, kernel->end_ns, kernel->stream,
                works[kernel->work < 4 ? kernel->work : 0], kernel->device);
        if (kernel->graph_node)
            fprintf(to, " graph_node=%" PRIu64, kernel->graph_node);
        put_name(to, facts, "name", kernel->name);
    } else {
        fprintf(to, " records=%" PRIu64, event->payload[0]);
    }
}

static void put_addresses(FILE *to, const struct capture_event *event)
{
    const enum gp_record_type type = (enum gp_record_type)event->type;
    struct address_list list = address_list_of(type, event->payload, event->payload_words);
    if (type == GP_RECORD_ADDRESSES_LEFT) {
        const struct gp_record_addresses_left *left = (const void *)event->payload;
        fprintf(to, " before=%" PRIu64 " order=%" PRIu64, left->before * UINT64_C(8),
                left->order * UINT64_C(8));
    }
    fprintf(to, " n=%u", list.n);
    while (list.next < list.end) {
        const uint64_t number = address_list_next(&list);
        fprintf(to, type == GP_RECORD_ORDER ? " %" PRIu64 : " 0x%" PRIx64, number);
    }
}

static void put_repeat(FILE *to, const struct facts *facts, const struct gp_record_repeat *repeat)
{
    if (repeat->of == GP_REPEAT_WHOLE || repeat->of == GP_REPEAT_OUTLINE) {
        fputs(repeat->of == GP_REPEAT_WHOLE ? " whole" : " outline", to);
        return;
    }
    fprintf(to,
            " of=%" PRIu64 " addresses=%" PRIu64 " begin=%" PRId64 " end=%" PRId64
            " inside=%u behind=%u",
            repeat->of * UINT64_C(8), repeat->addresses * UINT64_C(8),
            (int64_t)(repeat->begin_ns - facts->first_ns),
            (int64_t)(repeat->end_ns - facts->first_ns), repeat->n_inside, repeat->n_behind);
    put_name(to, facts, "name", repeat->name);
    if (repeat->domain)
        put_name(to, facts, "domain", repeat->domain);
}

static void put_kind(FILE *to, const struct gp_record_kind *kind)
{
    fprintf(to, " kind=%u of=%s", kind->kind, kind->type < 128 ? type_names[kind->type] : "?");
}

static void put_fields(FILE *to, const struct facts *facts, const struct capture_event *event)
{
    const void *payload = event->payload;
    switch (event->type) {
    case GP_RECORD_THREAD:
        fprintf(to, " os_tid=%" PRIu64, event->payload[1]);
        break;
    case GP_RECORD_STRING: {
        uint32_t id = ((const struct gp_record_string *)payload)->id;
        fprintf(to, " id=%u", id);
        put_name(to, facts, "text", id);
        break;
    }
    case GP_RECORD_API:
        put_api_row(to, facts, payload);
        break;
    case GP_RECORD_TEXT:
        put_name(to, facts, "key", ((const struct gp_record_text *)payload)->key);
        put_name(to, facts, "value", ((const struct gp_record_text *)payload)->value);
        break;
    case GP_RECORD_DEVICE: {
        const struct gp_record_device *device = payload;
        fprintf(to, " device=%u total=%" PRIu64, device->device, device->total_bytes);
        put_name(to, facts, "name", device->name);
        break;
    }
    case GP_RECORD_ALLOC:
    case GP_RECORD_FREE:
    case GP_RECORD_FREE_FAILED:
    case GP_RECORD_DEVICE_RESET:
    case GP_RECORD_MAP:
        put_memory(to, facts, event);
        break;
    case GP_RECORD_RANGE_PUSH:
    case GP_RECORD_RANGE_POP:
    case GP_RECORD_RANGE_START:
    case GP_RECORD_RANGE_END:
    case GP_RECORD_MARK:
        put_range(to, facts, event);
        break;
    case GP_RECORD_CALL:
        put_call(to, facts, payload);
        break;
    case GP_RECORD_DETAIL:
        fprintf(to, " on=%" PRIu64, event->payload[0]);
        break;
    case GP_RECORD_DEVICE_SAMPLE:
        put_sample(to, event);
        break;
    case GP_RECORD_TIMED:
    case GP_RECORD_CORRELATION:
    case GP_RECORD_KERNEL:
    case GP_RECORD_GPU_LOST:
        put_gpu(to, facts, event);
        break;
    case GP_RECORD_GRAPH:
    case GP_RECORD_GRAPH_MEMORY:
    case GP_RECORD_GRAPH_NODE:
        put_graph(to, facts, event);
        break;
    case GP_RECORD_CLOSE:
        fprintf(to, " records=%" PRIu64, event->payload[0]);
        break;
    case GP_RECORD_KIND:
        put_kind(to, payload);
        break;
    case GP_RECORD_ADDRESSES:
    case GP_RECORD_ADDRESSES_LEFT:
    case GP_RECORD_ORDER:
        put_addresses(to, event);
        break;
    case GP_RECORD_REPEAT:
        put_repeat(to, facts, payload);
        break;
    default:
        break;
    }
}

void dump_capture(FILE *to, struct capture *capture, struct facts *facts)
{
    struct capture_event event;
    capture->as_written = true;
    while (capture_next(capture, &event)) {
        facts_take(facts, capture, &event);
        fprintf(to, "%" PRIu64 " %" PRId64 " %u %s", event.offset,
                (int64_t)(event.ns - facts->first_ns), event.thread, type_names[event.type]);
        put_fields(to, facts, &event);
        putc('\n', to);
    }
}
