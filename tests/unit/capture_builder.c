#include "capture_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPERANDS_MAX 5

static const struct {
    enum build_api api;
    enum gp_api_class class_id;
    const char *name;
    struct {
        enum gp_operand_mode mode;
        unsigned role;
        const char *name;
    } operands[OPERANDS_MAX];
} apis[] = {
    {API_MALLOC, GP_CLASS_ALLOC, "cudaMalloc", {{0}}},
    {API_FREE, GP_CLASS_FREE, "cudaFree", {{0}}},
    {API_LAUNCH, GP_CLASS_LAUNCH, "cudaLaunchKernel", {{0}}},
    {API_MEMCPY,
     GP_CLASS_COPY,
     "cudaMemcpy",
     {{GP_MODE_WRITE, GP_ROLE_ANY, "dst"}, {GP_MODE_READ, GP_ROLE_ANY, "src"}}},
    {API_MEMSET, GP_CLASS_COPY, "cudaMemset", {{GP_MODE_WRITE, GP_ROLE_ANY, "devPtr"}}},
    {API_CONV_FORWARD,
     GP_CLASS_COMPUTE,
     "cudnnConvolutionForward",
     {{GP_MODE_READ, GP_ROLE_ACTIVATION, "x"},
      {GP_MODE_READ, GP_ROLE_PARAMETER, "w"},
      {GP_MODE_SCRATCH, GP_ROLE_WORKSPACE, "ws"},
      {GP_MODE_WRITE, GP_ROLE_ACTIVATION, "y"}}},
    {API_CONV_BACKWARD,
     GP_CLASS_COMPUTE,
     "cudnnConvolutionBackward",
     {{GP_MODE_READ, GP_ROLE_ACTIVATION, "x"},
      {GP_MODE_READ, GP_ROLE_ACTIVATION_GRAD, "dy"},
      {GP_MODE_READ, GP_ROLE_PARAMETER, "w"},
      {GP_MODE_WRITE, GP_ROLE_GRADIENT, "dw"},
      {GP_MODE_WRITE, GP_ROLE_ACTIVATION_GRAD, "dx"}}},
    {API_BATCH_NORM,
     GP_CLASS_COMPUTE,
     "cudnnBatchNormalizationForwardTraining",
     {{GP_MODE_READ, GP_ROLE_ACTIVATION, "x"},
      {GP_MODE_WRITE, GP_ROLE_ACTIVATION, "y"},
      {GP_MODE_READ, GP_ROLE_PARAMETER, "bnScale"},
      {GP_MODE_ACCUMULATE, GP_ROLE_BUFFER, "resultRunningMean"}}},
    {API_GEMM,
     GP_CLASS_COMPUTE,
     "cublasSgemm_v2",
     {{GP_MODE_READ, GP_ROLE_ANY, "A"},
      {GP_MODE_READ, GP_ROLE_ANY, "B"},
      {GP_MODE_WRITE, GP_ROLE_ANY, "C"}}},
    {API_SYNC, GP_CLASS_SYNC, "cudaDeviceSynchronize", {{0}}},
    {API_LIBRARY, GP_CLASS_LIBRARY, "cuMemAlloc_v2", {{0}}},
    {API_CREATE, GP_CLASS_CALL, "cublasCreate_v2", {{0}}},
    {API_MEM_CREATE, GP_CLASS_LIBRARY, "cuMemCreate", {{0}}},
};

static void append(struct builder *builder, const void *bytes, size_t n)
{
    if (builder->size + n > builder->capacity) {
        builder->capacity = 2 * (builder->size + n);
        builder->data = realloc(builder->data, builder->capacity);
        assert_non_null(builder->data);
    }
    memcpy(builder->data + builder->size, bytes, n);
    builder->size += n;
}

void build_record(struct builder *builder, uint32_t thread, uint32_t type, const void *payload,
                  size_t words)
{
    uint32_t delta = (uint32_t)(builder->now_ns - builder->thread_ns[thread]);
    bool absolute = type == GP_RECORD_THREAD || type == GP_RECORD_TIME;
    uint64_t head =
        gp_head((enum gp_record_type)type, (uint32_t)words + 1, thread, absolute ? 0 : delta);
    builder->thread_ns[thread] = builder->now_ns;
    append(builder, &head, sizeof head);
    append(builder, payload, words * 8);
}

uint32_t build_string(struct builder *builder, const char *text)
{
    for (uint32_t i = 0; i < builder->n_strings; i++)
        if (strcmp(builder->strings[i], text) == 0)
            return i + 1;
    assert_true(builder->n_strings < 256);
    builder->strings[builder->n_strings++] = strdup(text);
    struct {
        struct gp_record_string string;
        char text[1024];
    } record = {.string = {builder->n_strings, (uint32_t)strlen(text)}};
    assert_true(strlen(text) < sizeof record.text);
    memcpy(record.text, text, strlen(text));
    build_record(builder, 0, GP_RECORD_STRING, &record, 1 + (strlen(text) + 7) / 8);
    return builder->n_strings;
}

void build_thread(struct builder *builder, uint32_t thread)
{
    struct gp_record_thread record = {builder->now_ns, 1000 + thread};
    build_record(builder, thread, GP_RECORD_THREAD, &record, 2);
}

static void write_apis(struct builder *builder)
{
    for (size_t i = 0; i < sizeof apis / sizeof apis[0]; i++) {
        struct {
            struct gp_record_api api;
            struct gp_record_api_operand operands[OPERANDS_MAX];
        } record = {.api = {.api = (uint16_t)apis[i].api, .class_id = (uint8_t)apis[i].class_id}};
        record.api.name = build_string(builder, apis[i].name);
        unsigned n = 0;
        for (; n < OPERANDS_MAX && apis[i].operands[n].name; n++)
            record.operands[n] = (struct gp_record_api_operand){
                .mode = (uint8_t)apis[i].operands[n].mode,
                .role = (uint8_t)apis[i].operands[n].role,
                .name = build_string(builder, apis[i].operands[n].name)};
        record.api.n_operands = (uint8_t)n;
        build_record(builder, 0, GP_RECORD_API, &record, 1 + n);
    }
}

void build_begin(struct builder *builder)
{
    memset(builder, 0, sizeof *builder);
    builder->now_ns = 1000;
    struct gp_capture_header header = {
        .version = GP_CAPTURE_VERSION, .header_bytes = sizeof header, .pid = 42};
    memcpy(header.magic, GP_CAPTURE_MAGIC, sizeof header.magic);
    append(builder, &header, sizeof header);
    build_thread(builder, 0);
    write_apis(builder);
}

void build_end(struct builder *builder)
{
    for (uint32_t i = 0; i < builder->n_strings; i++)
        free(builder->strings[i]);
    free(builder->data);
    if (builder->path[0])
        unlink(builder->path);
}

void build_text(struct builder *builder, const char *key, const char *value)
{
    struct gp_record_text record = {build_string(builder, key), 0};
    record.value = build_string(builder, value);
    build_record(builder, 0, GP_RECORD_TEXT, &record, 1);
}

void build_device(struct builder *builder, unsigned device, const char *name)
{
    struct gp_record_device record = {device, build_string(builder, name), 1u << 30};
    build_record(builder, 0, GP_RECORD_DEVICE, &record, 2);
}

void build_push_in(struct builder *builder, uint32_t thread, const char *domain, const char *name)
{
    struct gp_record_range record = {build_string(builder, name),
                                     domain ? build_string(builder, domain) : 0};
    build_record(builder, thread, GP_RECORD_RANGE_PUSH, &record, 1);
}

void build_pop_in(struct builder *builder, uint32_t thread, const char *domain)
{
    struct gp_record_range record = {0, domain ? build_string(builder, domain) : 0};
    build_record(builder, thread, GP_RECORD_RANGE_POP, &record, 1);
}

void build_push(struct builder *builder, uint32_t thread, const char *name)
{
    build_push_in(builder, thread, NULL, name);
}

void build_pop(struct builder *builder, uint32_t thread) { build_pop_in(builder, thread, NULL); }

void build_start(struct builder *builder, uint32_t thread, uint64_t range, const char *name)
{
    struct gp_record_range_start record = {range, build_string(builder, name), 0};
    build_record(builder, thread, GP_RECORD_RANGE_START, &record, 2);
}

void build_stop(struct builder *builder, uint32_t thread, uint64_t range)
{
    struct gp_record_range_start record = {range, 0, 0};
    build_record(builder, thread, GP_RECORD_RANGE_END, &record, 2);
}

void build_alloc_as(struct builder *builder, uint32_t thread, uint64_t address, uint64_t bytes,
                    unsigned device, enum gp_space space)
{
    struct gp_record_alloc record = {.address = address,
                                     .bytes = bytes,
                                     .api = API_MALLOC,
                                     .device = (uint8_t)device,
                                     .space = (uint8_t)space};
    build_record(builder, thread, GP_RECORD_ALLOC, &record, 3);
}

void build_alloc(struct builder *builder, uint32_t thread, uint64_t address, uint64_t bytes)
{
    build_alloc_as(builder, thread, address, bytes, 0, GP_SPACE_DEVICE);
}

void build_mem_create(struct builder *builder, uint32_t thread, uint64_t handle, uint64_t bytes)
{
    struct gp_record_alloc record = {
        .address = handle, .bytes = bytes, .api = API_MEM_CREATE, .space = GP_SPACE_ARRAY};
    build_record(builder, thread, GP_RECORD_ALLOC, &record, 3);
}

void build_free(struct builder *builder, uint32_t thread, uint64_t address)
{
    build_free_as(builder, thread, address, GP_SPACE_DEVICE);
}

void build_free_as(struct builder *builder, uint32_t thread, uint64_t address, enum gp_space space)
{
    struct gp_record_free record = {.address = address, .api = API_FREE, .space = (uint8_t)space};
    build_record(builder, thread, GP_RECORD_FREE, &record, 2);
}

void build_free_failed(struct builder *builder, uint32_t thread, uint64_t address)
{
    build_record(builder, thread, GP_RECORD_FREE_FAILED, &address, 1);
}

void build_reset(struct builder *builder, uint32_t thread, unsigned device)
{
    uint64_t record = device;
    build_record(builder, thread, GP_RECORD_DEVICE_RESET, &record, 1);
}

void build_mark(struct builder *builder, uint32_t thread, const char *text)
{
    struct gp_record_mark record = {build_string(builder, text), 0};
    build_record(builder, thread, GP_RECORD_MARK, &record, 1);
}

void build_detail(struct builder *builder, unsigned on)
{
    uint64_t record = on;
    build_record(builder, 0, GP_RECORD_DETAIL, &record, 1);
}

void build_sample(struct builder *builder, uint64_t used_high, uint64_t reserved_high)
{
    struct gp_record_device_sample record = {.free_bytes = 100,
                                             .total_bytes = 1000,
                                             .pool_used_high_bytes = used_high,
                                             .pool_reserved_high_bytes = reserved_high};
    build_record(builder, 0, GP_RECORD_DEVICE_SAMPLE, &record, 7); /* as older captures have it */
}

void build_sample_at(struct builder *builder, enum gp_sample_moment moment, uint64_t used,
                     uint64_t pool_used, uint64_t pool_reserved)
{
    const uint64_t total = UINT64_C(1) << 40;
    struct gp_record_device_sample record = {.moment = (uint8_t)moment,
                                             .free_bytes = total - used,
                                             .total_bytes = total,
                                             .pool_used_bytes = pool_used,
                                             .pool_used_high_bytes = pool_used,
                                             .pool_reserved_bytes = pool_reserved,
                                             .pool_reserved_high_bytes = pool_reserved,
                                             .nvml_used_bytes = UINT64_MAX};
    build_record(builder, 0, GP_RECORD_DEVICE_SAMPLE, &record, sizeof record / 8);
}

void build_library_alloc(struct builder *builder, uint32_t thread, uint64_t address, uint64_t bytes)
{
    struct gp_record_alloc record = {
        .address = address, .bytes = bytes, .api = API_LIBRARY, .space = GP_SPACE_DEVICE};
    build_record(builder, thread, GP_RECORD_ALLOC, &record, 3);
}

void build_timed(struct builder *builder, unsigned on)
{
    struct gp_record_timed record = {on, 0};
    build_record(builder, 0, GP_RECORD_TIMED, &record, 2);
}

void build_submit(struct builder *builder, uint32_t thread, uint32_t correlation)
{
    struct gp_record_correlation record = {correlation, GP_GPU_KERNEL};
    build_record(builder, thread, GP_RECORD_CORRELATION, &record, 1);
}

void build_submit_copy(struct builder *builder, uint32_t thread, uint32_t correlation)
{
    struct gp_record_correlation record = {correlation, GP_GPU_COPY};
    build_record(builder, thread, GP_RECORD_CORRELATION, &record, 1);
}

void build_ran(struct builder *builder, uint32_t thread, uint32_t correlation, const char *kernel,
               uint64_t start_ns, uint64_t end_ns)
{
    struct gp_record_kernel record = {.correlation = correlation,
                                      .name = build_string(builder, kernel),
                                      .start_ns = start_ns,
                                      .end_ns = end_ns,
                                      .stream = 7,
                                      .work = GP_GPU_KERNEL};
    build_record(builder, thread, GP_RECORD_KERNEL, &record, 4);
}

void build_graph(struct builder *builder, uint32_t thread, enum gp_graph_event what, uint64_t graph,
                 uint64_t exec, unsigned flags)
{
    struct gp_record_graph record = {graph, exec, what, flags};
    build_record(builder, thread, GP_RECORD_GRAPH, &record, 3);
}

void build_graph_memory(struct builder *builder, uint32_t thread, uint64_t graph, uint64_t address,
                        uint64_t bytes)
{
    struct gp_record_graph_memory record = {
        .graph = graph, .address = address, .bytes = bytes, .api = bytes ? API_MALLOC : API_FREE};
    build_record(builder, thread, GP_RECORD_GRAPH_MEMORY, &record, 4);
}

void build_graph_node(struct builder *builder, uint32_t thread, uint64_t graph, uint64_t node,
                      uint64_t original, uint32_t correlation)
{
    struct gp_record_graph_node record = {node, original, graph, correlation, 0};
    build_record(builder, thread, GP_RECORD_GRAPH_NODE, &record, 4);
}

void build_ran_in_graph(struct builder *builder, uint32_t correlation, uint64_t node,
                        const char *kernel, uint64_t start_ns, uint64_t end_ns)
{
    struct gp_record_kernel record = {.correlation = correlation,
                                      .name = build_string(builder, kernel),
                                      .start_ns = start_ns,
                                      .end_ns = end_ns,
                                      .stream = 7,
                                      .work = GP_GPU_KERNEL,
                                      .graph_node = node};
    build_record(builder, 0, GP_RECORD_KERNEL, &record, 5);
}

void build_gpu_lost(struct builder *builder, uint64_t records)
{
    build_record(builder, 0, GP_RECORD_GPU_LOST, &records, 1);
}

void build_close(struct builder *builder)
{
    uint64_t record = 0;
    build_record(builder, 0, GP_RECORD_CLOSE, &record, 1);
    ((struct gp_capture_header *)(void *)builder->data)->flags |= GP_CAPTURE_CLOSED;
}

static void write_call(struct builder *builder, uint32_t thread, enum build_api api, uint32_t aux,
                       va_list operands)
{
    struct {
        struct gp_record_call call;
        uint64_t operands[16];
    } record = {.call = {.api = (uint16_t)api, .aux = aux}};
    uint16_t n = 0;
    for (uint64_t operand; (operand = va_arg(operands, uint64_t)) != UINT64_MAX;)
        record.operands[n++] = operand;
    record.call.n_operands = n;
    build_record(builder, thread, GP_RECORD_CALL, &record, 1u + n);
}

void build_call(struct builder *builder, uint32_t thread, enum build_api api, ...)
{
    va_list operands;
    va_start(operands, api);
    write_call(builder, thread, api, 0, operands);
    va_end(operands);
}

void build_launch(struct builder *builder, uint32_t thread, const char *kernel, ...)
{
    va_list operands;
    va_start(operands, kernel);
    write_call(builder, thread, API_LAUNCH, build_string(builder, kernel), operands);
    va_end(operands);
}

void build_write(struct builder *builder, size_t bytes)
{
    if (!builder->path[0]) {
        strcpy(builder->path, "/tmp/graphprof_unit.XXXXXX");
        int fd = mkstemp(builder->path);
        assert_true(fd >= 0);
        close(fd);
    }
    FILE *to = fopen(builder->path, "w");
    assert_non_null(to);
    assert_int_equal(fwrite(builder->data, 1, bytes, to), bytes);
    assert_int_equal(fclose(to), 0);
}
