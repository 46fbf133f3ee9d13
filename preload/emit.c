#include "emit.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "cuda_graphs.h"
#include "device.h"
#include "graphprof/role.h"
#include "memory_seen.h"
#include "put_record.h"
#include "step_changes.h"
#include "step_filter.h"
#include "string_table.h"
#include "threads.h"

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void gp_emit_thread(struct gp_thread *thread, uint64_t os_tid)
{
    const struct gp_record_thread payload = {now_ns(), os_tid};
    gp_put_absolute(thread, payload.monotonic_ns, GP_RECORD_THREAD, &payload, sizeof payload / 8);
}

bool gp_emit_string(uint32_t id, const char *bytes, uint32_t length)
{
    const struct gp_record_string payload = {id, length};
    return gp_put(GP_RECORD_STRING, &payload, sizeof payload, bytes, length);
}

/* The second word is left out where it is 0. */
bool gp_emit_kind(const struct gp_record_kind *kind)
{
    return gp_put(GP_RECORD_KIND, kind,
                  kind->words[1] ? sizeof *kind : offsetof(struct gp_record_kind, words[1]), NULL,
                  0);
}

void gp_emit_text(const char *key, const char *value)
{
    const struct gp_record_text payload = {gp_string(key), gp_string(value)};
    gp_put(GP_RECORD_TEXT, &payload, sizeof payload, NULL, 0);
}

void gp_emit_api(enum gp_api api)
{
    const struct gp_api_row *row = &gp_api_rows[api];
    struct gp_record_api_operand operands[GP_API_OPERANDS_MAX];
    const unsigned n = gp_api_operand_count(row);
    const struct gp_record_api payload = {(uint16_t)api, row->class_id, (uint8_t)n,
                                          gp_string(row->name)};
    for (unsigned i = 0; i < n; i++)
        operands[i] = (struct gp_record_api_operand){row->operands[i].mode, row->operands[i].role,
                                                     0, gp_string(row->operands[i].name)};
    gp_put(GP_RECORD_API, &payload, sizeof payload, operands, n * sizeof operands[0]);
}

void gp_emit_device(uint32_t device, const char *name, uint64_t total_bytes)
{
    const struct gp_record_device payload = {device, gp_string(name), total_bytes};
    gp_put(GP_RECORD_DEVICE, &payload, sizeof payload, NULL, 0);
}

void gp_emit_close(void)
{
    const struct gp_record_close payload = {atomic_load(&gp_writer.records) + 1};
    gp_put(GP_RECORD_CLOSE, &payload, sizeof payload, NULL, 0);
}

/* cudaStreamLegacy is 1 and cudaStreamPerThread 2 (driver_types.h). */
static const uintptr_t legacy = 1, per_thread = 2;

bool gp_stream_is_default(const void *stream) { return (uintptr_t)stream <= per_thread; }

uint32_t gp_stream_tag(enum gp_api api, const void *stream)
{
    uintptr_t handle = (uintptr_t)stream;
    if (handle == 0)
        handle = gp_api_rows[api].per_thread_stream ? per_thread : legacy;
    if (handle == legacy)
        return 0;
    if (handle == per_thread)
        return 2;
    const uint32_t tag = (uint32_t)((uint64_t)handle * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    return tag > 2 ? tag : tag + 3;
}

void gp_emit_alloc(enum gp_api api, const void *address, uint64_t bytes, enum gp_space space,
                   const void *stream)
{
    if (!address || !gp_capture_ready())
        return;
    const struct gp_record_alloc payload = {
        (uintptr_t)address, bytes,
        (uint16_t)api,      gp_device_of_alloc(api, address, space, stream),
        (uint8_t)space,     gp_stream_tag(api, stream)};
    gp_memory_seen_by_runtime();
    if (space == GP_SPACE_DEVICE || space == GP_SPACE_POOL || space == GP_SPACE_MANAGED)
        gp_memory_seen(payload.address, payload.address + bytes);
    if (space == GP_SPACE_POOL &&
        gp_cuda_graphs_take_alloc(api, payload.device, address, bytes, stream))
        return;
    if (space == GP_SPACE_POOL)
        gp_memory_seen_in_pool();
    gp_step_changes_note(api, bytes);
    gp_put(GP_RECORD_ALLOC, &payload, sizeof payload, NULL, 0);
}

void gp_emit_free(enum gp_api api, const void *address, enum gp_space space, const void *stream)
{
    if (!address || !gp_capture_ready())
        return;
    if (space == GP_SPACE_POOL && gp_cuda_graphs_take_free(api, address, stream))
        return;
    const struct gp_record_free payload = {(uintptr_t)address, (uint16_t)api, gp_device_current(),
                                           (uint8_t)space, gp_stream_tag(api, stream)};
    gp_step_changes_note(api, 0);
    gp_put(GP_RECORD_FREE, &payload, sizeof payload, NULL, 0);
}

void gp_emit_free_failed(const void *address)
{
    if (!address || !gp_capture_ready())
        return;
    const struct gp_record_free_failed payload = {(uintptr_t)address};
    gp_put(GP_RECORD_FREE_FAILED, &payload, sizeof payload, NULL, 0);
}

void gp_emit_block(enum gp_api api, const void *address, int64_t bytes, uint8_t device)
{
    if (!address || !bytes || !gp_capture_ready())
        return;
    const uint64_t first = (uintptr_t)address, size = bytes > 0 ? (uint64_t)bytes : 0;
    gp_step_changes_note(api, size);
    if (size) {
        const struct gp_record_alloc given = {first,  size,           (uint16_t)api,
                                              device, GP_SPACE_BLOCK, 0};
        gp_memory_seen(first, first + size);
        gp_put(GP_RECORD_ALLOC, &given, sizeof given, NULL, 0);
    } else {
        const struct gp_record_free back = {first, (uint16_t)api, device, GP_SPACE_BLOCK, 0};
        gp_put(GP_RECORD_FREE, &back, sizeof back, NULL, 0);
    }
}

/* Behind the numbers of the intercepted functions. */
uint16_t gp_driver_number(enum gp_driver_api api, bool library)
{
    return (uint16_t)(GP_API_COUNT + 2 * (unsigned)api + library);
}

static void put_driver_api(enum gp_driver_api api, const char *name, enum gp_api_class class_id,
                           bool library)
{
    const struct gp_record_api payload = {gp_driver_number(api, library), (uint8_t)class_id, 0,
                                          gp_string(name)};
    gp_put(GP_RECORD_API, &payload, sizeof payload, NULL, 0);
}

void gp_emit_driver_apis(void)
{
#define GP_DRIVER_ALLOC(name, ...)                                                                 \
    put_driver_api(GP_DRIVER_API_##name, #name, GP_CLASS_ALLOC, false);                            \
    put_driver_api(GP_DRIVER_API_##name, #name, GP_CLASS_LIBRARY, true);
#define GP_DRIVER_FREE(name, ...) put_driver_api(GP_DRIVER_API_##name, #name, GP_CLASS_FREE, false);
#define GP_DRIVER_MAP(name, ...)
#include "api/driver_memory.def"
#undef GP_DRIVER_ALLOC
#undef GP_DRIVER_FREE
#undef GP_DRIVER_MAP
}

void gp_emit_driver_free_failed(uint64_t address)
{
    const struct gp_record_free_failed payload = {address};
    if (address && gp_capture_is_open())
        gp_put(GP_RECORD_FREE_FAILED, &payload, sizeof payload, NULL, 0);
}

void gp_emit_driver_alloc(enum gp_driver_api api, bool library, uint64_t address, uint64_t bytes,
                          enum gp_space space, uint8_t device)
{
    const struct gp_record_alloc payload = {address, bytes,          gp_driver_number(api, library),
                                            device,  (uint8_t)space, 0};
    if (!address || !gp_capture_ready())
        return;
    if (!library &&
        (space == GP_SPACE_DEVICE || space == GP_SPACE_POOL || space == GP_SPACE_MANAGED))
        gp_memory_seen(address, address + bytes);
    if (space == GP_SPACE_POOL)
        gp_memory_seen_in_pool();
    gp_put(GP_RECORD_ALLOC, &payload, sizeof payload, NULL, 0);
}

void gp_emit_driver_free(enum gp_driver_api api, uint64_t address, enum gp_space space,
                         uint8_t device)
{
    const struct gp_record_free payload = {address, gp_driver_number(api, false), device,
                                           (uint8_t)space, 0};
    if (address && gp_capture_is_open())
        gp_put(GP_RECORD_FREE, &payload, sizeof payload, NULL, 0);
}

void gp_emit_map(uint64_t address, uint64_t bytes, uint64_t handle)
{
    const struct gp_record_map payload = {address, bytes, handle};
    if (!gp_capture_is_open())
        return;
    if (handle && bytes)
        gp_memory_seen(address, address + bytes);
    gp_put(GP_RECORD_MAP, &payload, sizeof payload, NULL, 0);
}

void gp_emit_call(enum gp_api api, const uint64_t *addresses, unsigned n, uint32_t aux)
{
    if (!gp_detail() || !gp_capture_ready())
        return;
    gp_device_note_library(gp_api_rows[api].library);
    const struct gp_record_call payload = {(uint16_t)api, (uint16_t)n, aux};
    gp_put(GP_RECORD_CALL, &payload, sizeof payload, addresses, n * sizeof addresses[0]);
}

void gp_emit_device_reset(void)
{
    if (!gp_capture_ready())
        return;
    const struct gp_record_device_reset payload = {gp_device_current()};
    gp_put(GP_RECORD_DEVICE_RESET, &payload, sizeof payload, NULL, 0);
}

void gp_emit_range_push(uint32_t name, uint32_t domain)
{
    const struct gp_record_range payload = {name, domain};
    if (gp_capture_ready())
        gp_put(GP_RECORD_RANGE_PUSH, &payload, sizeof payload, NULL, 0);
}

void gp_emit_range_pop(uint32_t domain)
{
    const struct gp_record_range payload = {0, domain};
    if (gp_capture_ready())
        gp_put(GP_RECORD_RANGE_POP, &payload, sizeof payload, NULL, 0);
}

void gp_emit_range_start(uint64_t range, uint32_t name, uint32_t domain)
{
    const struct gp_record_range_start payload = {range, name, domain};
    if (gp_capture_ready())
        gp_put(GP_RECORD_RANGE_START, &payload, sizeof payload, NULL, 0);
}

void gp_emit_range_end(uint64_t range, uint32_t domain)
{
    const struct gp_record_range_start payload = {range, 0, domain};
    if (gp_capture_ready())
        gp_put(GP_RECORD_RANGE_END, &payload, sizeof payload, NULL, 0);
}

void gp_emit_mark(uint32_t name, uint32_t domain)
{
    const struct gp_record_mark payload = {name, domain};
    if (gp_capture_ready())
        gp_put(GP_RECORD_MARK, &payload, sizeof payload, NULL, 0);
}

void gp_emit_detail(bool on)
{
    const struct gp_record_detail payload = {on};
    if (gp_capture_ready())
        gp_put(GP_RECORD_DETAIL, &payload, sizeof payload, NULL, 0);
}

void gp_emit_device_sample(const struct gp_record_device_sample *sample)
{
    if (gp_capture_ready())
        gp_put(GP_RECORD_DEVICE_SAMPLE, sample, sizeof *sample, NULL, 0);
}

void gp_emit_timed(bool on, uint64_t gpu_clock_ns)
{
    const struct gp_record_timed payload = {on, gpu_clock_ns};
    if (gp_capture_is_open())
        gp_put(GP_RECORD_TIMED, &payload, sizeof payload, NULL, 0);
}

void gp_emit_correlation(uint32_t correlation, enum gp_gpu_work work)
{
    const struct gp_record_correlation payload = {correlation, work};
    if (gp_capture_is_open())
        gp_put(GP_RECORD_CORRELATION, &payload, sizeof payload, NULL, 0);
}

void gp_emit_kernel(const struct gp_record_kernel *kernel)
{
    const size_t bytes =
        kernel->graph_node ? sizeof *kernel : offsetof(struct gp_record_kernel, graph_node);
    if (gp_capture_is_open())
        gp_put(GP_RECORD_KERNEL, kernel, bytes, NULL, 0);
}

void gp_emit_gpu_lost(uint64_t records)
{
    const struct gp_record_gpu_lost payload = {records};
    if (gp_capture_is_open())
        gp_put(GP_RECORD_GPU_LOST, &payload, sizeof payload, NULL, 0);
}

void gp_emit_graph(enum gp_graph_event what, uint64_t graph, uint64_t exec, uint32_t flags)
{
    const struct gp_record_graph payload = {graph, exec, what, flags};
    if (gp_capture_ready())
        gp_put(GP_RECORD_GRAPH, &payload, sizeof payload, NULL, 0);
}

void gp_emit_graph_memory(uint16_t api, uint8_t device, uint64_t graph, uint64_t address,
                          uint64_t bytes)
{
    if (!address || !gp_capture_ready())
        return;
    const struct gp_record_graph_memory payload = {graph, address, bytes, api, device, {0}};
    gp_memory_seen(payload.address, payload.address + bytes);
    gp_put(GP_RECORD_GRAPH_MEMORY, &payload, sizeof payload, NULL, 0);
}

void gp_emit_graph_node(const struct gp_record_graph_node *node)
{
    if (gp_capture_is_open())
        gp_put(GP_RECORD_GRAPH_NODE, node, sizeof *node, NULL, 0);
}
